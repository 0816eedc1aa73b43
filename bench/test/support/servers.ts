// Servers inside the test's own process, on a port of the system's choice.
import type { Server } from 'node:net'
import type { Test } from 'tap'

/** Resolves with its port when it listens on loopback; closed at the end of the test. */
export function listenOn(t: Test, server: Server): Promise<number> {
  t.teardown(() => server.close())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
