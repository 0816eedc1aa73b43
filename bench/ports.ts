// Loopback ports: a free one, and whether a given one is taken. Asked of the kernel by listening for a moment.
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range that Linux takes ports from for whoever asks for any (32768 and up), above most servers. */
const CHOSEN_MIN = 20_000
const CHOSEN_END = 32_768
const ATTEMPTS_MAX = 20

/** Listens on 127.0.0.1:`port` (0 = any), closes again and gives the port; undefined when it is taken. */
export function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      const found = typeof address === 'object' && address !== null ? address.port : port
      server.close(() => resolve(found))
    })
  })
}

/**
 * A port that was free a moment ago, and that the system gives to nobody who asks for any port or connects to one: a
 * program that is told its number and takes seconds to start still finds it free.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = await tryPort(randomInt(CHOSEN_MIN, CHOSEN_END))
    if (port !== undefined) return port
  }
  const port = await tryPort(0)
  if (port === undefined) throw new Error('the system gives no free port')
  return port
}
