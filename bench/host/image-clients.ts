// Clients of `images` that ask for one form after the other, in a thread of their own: what they do is not to be waited for
// by those whose hits are measured.
import { get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

export interface ImageClients {
  port: number
  clients: number
  photographs: number
  /** Of the photographs; forms are less wide. */
  width: number
}

if (parentPort !== null) {
  const port = parentPort
  const run = keepAsking(workerData as ImageClients)
  port.on('message', () => void run.stop().then(done => port.postMessage(done)))
}

/** Asks until it is stopped: each time for another photograph or width. Resolves with how many forms had come by then. */
export function keepAsking({ port, clients, photographs, width }: ImageClients): { stop(): Promise<number> } {
  let isOver = false
  let next = 0
  let done = 0
  const client = async (): Promise<void> => {
    while (!isOver) {
      const number = next++
      const wide = width - 1 - Math.floor(number / photographs)
      const type = await typeOf(port, `/${number % photographs}.jpg?w=${wide}&format=avif`)
      if (!isOver && type === 'image/avif') done += 1
    }
  }
  const all = Array.from({ length: clients }, client)
  return {
    stop: async () => {
      isOver = true
      const came = done
      await Promise.all(all)
      return came
    },
  }
}

function typeOf(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, response => {
      response
        .resume()
        .once('end', () => resolve(response.headers['content-type']))
        .once('error', reject)
    })
    request.once('error', reject)
  })
}
