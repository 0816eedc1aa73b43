// An origin in this process whose answers are soon stale, which takes its time, and which can be gone: for what happens to
// hits when an object expires.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TimedOrigin {
  readonly url: string
  /** Requests so far. */
  asked(): number
  /** Nobody listens from then on. */
  leave(): Promise<void>
}

/** Answers everything with 1 KB of this Cache-Control, after so long. */
export async function startTimedOrigin(cacheControl: string, delayMs: number): Promise<TimedOrigin> {
  let asked = 0
  const server: Server = createServer((_, response) => {
    asked += 1
    setTimeout(() => {
      // Clients that do little need the length.
      response.writeHead(200, {
        'Cache-Control': cacheControl,
        'Content-Type': 'image/jpeg',
        'Content-Length': 1_024,
      })
      response.end('x'.repeat(1_024))
    }, delayMs)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    leave: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
