// Clients of `images` that ask for one form after the other, in a thread of their own: what they do is not to be waited for
// by those whose hits are measured, for their core neither.
import { Agent, get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { runWhenIdle } from '../../native/index.js'

export interface ImageClients {
  port: number
  clients: number
  photographs: number
  /** Of the photographs; forms are less wide. */
  width: number
}

if (parentPort !== null) {
  const port = parentPort
  runWhenIdle()
  const run = keepAsking(workerData as ImageClients, () => port.postMessage('begun'))
  port.on('message', () => void run.stop().then(done => port.postMessage(done)))
}

/**
 * Asks until it is stopped: each time for another photograph or width. Calls `onFirst` when the first form has come, and resolves
 * with how many more had come by the stop.
 */
export function keepAsking(
  { port, clients, photographs, width }: ImageClients,
  onFirst: () => void = () => {},
): { stop(): Promise<number> } {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let hasBegun = false
  let isOver = false
  let next = 0
  let done = 0
  const client = async (): Promise<void> => {
    while (!isOver) {
      const number = next++
      const wide = width - 1 - Math.floor(number / photographs)
      const type = await typeOf(port, agent, `/${number % photographs}.jpg?w=${wide}&format=avif`)
      if (isOver || type !== 'image/avif') continue
      if (hasBegun) done += 1
      else onFirst()
      hasBegun = true
    }
  }
  const all = Array.from({ length: clients }, client)
  return {
    stop: async () => {
      isOver = true
      const came = done
      await Promise.all(all)
      agent.destroy()
      return came
    },
  }
}

function typeOf(port: number, agent: Agent, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, response => {
      response
        .resume()
        .once('end', () => resolve(response.headers['content-type']))
        .once('error', reject)
    })
    request.once('error', reject)
  })
}
