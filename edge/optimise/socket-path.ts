// Where the workers of a supervisor find its optimiser.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EdgeConfig } from '../../config/settings.js'

/** What the kernel has room for in the address of a socket (unix(7)), without its last zero. */
export const socketPathBytesMax = 107

/** Each supervisor has its own: an old one and a new one may run at once. */
export function optimiserSocket({ run }: Pick<EdgeConfig, 'run'>, supervisorPid: number): string {
  return join(run.directory, `optimiser-${supervisorPid}`)
}

/** What those left who were killed. */
export function removeLeft(directory: string): void {
  for (const name of readdirSync(directory)) {
    const [, pid] = /^optimiser-(\d+)$/.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
