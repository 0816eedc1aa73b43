// Hits at a fixed rate, whether those before are answered or not: what waits behind a slow one counts.
import { setMaxListeners } from 'node:events'
import { Agent, get } from 'node:http'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'

/** As fast as this client can ask without being what is measured. */
const HITS_PER_SECOND = 1_000
const TICK_MS = 1
/** Of `ask`, too: another would be another key. */
const HOST = 'www.bench.example'
/** What has not been answered so long after the last was asked has failed. */
const ANSWER_TIMEOUT_MS = 10_000

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
  const patience = new AbortController()
  // Every request listens to it.
  setMaxListeners(0, patience.signal)
  const beganMs = performance.now()
  for (let number = 0; number < seconds * HITS_PER_SECOND; number += 1) {
    const dueMs = beganMs + (number * 1_000) / HITS_PER_SECOND
    while (dueMs > performance.now()) await setTimeoutPromise(TICK_MS)
    const askedMs = performance.now()
    asked.push(
      ask(port, path, agent, patience.signal).then(
        () => void taken.push(performance.now() - askedMs),
        () => {
          failures += 1
        },
      ),
    )
  }
  const late = setTimeout(() => patience.abort(), ANSWER_TIMEOUT_MS)
  await Promise.all(asked)
  clearTimeout(late)
  agent.destroy()
  return { taken, failures }
}

function ask(port: number, path: string, agent: Agent, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: '127.0.0.1', port, path, agent, signal, headers: { host: HOST } },
      response => {
        response.resume().once('end', resolve).once('error', reject)
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      },
    )
    request.once('error', reject)
  })
}
