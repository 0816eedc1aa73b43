// Where the workers of a supervisor find its optimiser.
import { join } from 'node:path'
import type { EdgeConfig } from '../../config/settings.js'

/** What the kernel has room for in the address of a socket (unix(7)), without its last zero. */
export const socketPathBytesMax = 107

/** Each supervisor has its own: an old one and a new one may run at once. */
export function optimiserSocket({ run }: Pick<EdgeConfig, 'run'>, supervisorPid: number): string {
  return join(run.directory, `optimiser-${supervisorPid}`)
}
