// Hits at a fixed rate, whether those before are answered or not: what waits behind a slow one counts.
import { Agent, get } from 'node:http'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'

/** As fast as this client can ask without being what is measured. */
const HITS_PER_SECOND = 1_000
const TICK_MS = 1

export interface Hits {
  /** Of each, milliseconds. */
  taken: number[]
  failures: number
}

export async function steadyHits(port: number, path: string, seconds: number): Promise<Hits> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const taken: number[] = []
  let failures = 0
  const asked: Promise<void>[] = []
  const beganMs = performance.now()
  for (let number = 0; number < seconds * HITS_PER_SECOND; number += 1) {
    const dueMs = beganMs + (number * 1_000) / HITS_PER_SECOND
    while (dueMs > performance.now()) await setTimeoutPromise(TICK_MS)
    const askedMs = performance.now()
    asked.push(
      ask(port, path, agent).then(
        () => void taken.push(performance.now() - askedMs),
        () => {
          failures += 1
        },
      ),
    )
  }
  await Promise.all(asked)
  agent.destroy()
  return { taken, failures }
}

function ask(port: number, path: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, response => {
      response.resume().once('end', resolve).once('error', reject)
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
    })
    request.once('error', reject)
  })
}
