// One control for one state: a name that the kernel knows as long as the process lives, and gives back however it ends.

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'

export interface Claim {
  release(): void
}

/** Rejects when another process has it. */
export function claimState(directory: string): Promise<Claim> {
  // Names of the kernel are short.
  const name = createHash('sha256').update(realpathSync(directory)).digest('hex')
  const server = createServer(socket => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      reject(isTaken ? new Error(`another naij-control uses ${directory}`) : error)
    })
    server.listen(`\0naij-control-${name}`, () => resolve({ release: () => void server.close() }))
    server.unref()
  })
}
