// Removes from the run directory what dead workers left: their sockets and the logs of their fills, of any layout.
// Workers remove what they see die; this is for those whom nobody saw. How the files are called is
// shared/socket-files.ts's and fetch/fill-log.ts's.
import { readdir, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { refusals } from '../shared/peer.js'

/** Whoever just begins, or just ends, is left alone. */
const ageMsMin = 60_000
/** In one sweep; the next one goes on. */
const filesMax = 1_000

/** Whose it is; undefined for what is no worker's. */
export function ownerOfFile(name: string): { socket: string } | undefined {
  const [, group, owner] = /^(?:mesh|fill)-([0-9a-f]{8})-(\d+)(?:\.new|-\d+-\d+)?$/.exec(name) ?? []
  return group === undefined ? undefined : { socket: `mesh-${group}-${owner}` }
}

/** Resolves with how many were removed. `nowMs`: wall clock. Rejects with what the file system says. */
export async function sweepRun(runDirectory: string, nowMs: number): Promise<number> {
  const dead = new Map<string, Promise<boolean>>()
  const isDead = (socket: string): Promise<boolean> => {
    const known = dead.get(socket) ?? isRefused(join(runDirectory, socket))
    dead.set(socket, known)
    return known
  }
  let removed = 0
  for (const name of await readdir(runDirectory)) {
    const whose = ownerOfFile(name)
    if (whose === undefined) continue
    const path = join(runDirectory, name)
    if (!(await isOld(path, nowMs)) || !(await isDead(whose.socket))) continue
    await removeIfThere(path)
    removed += 1
    if (removed === filesMax) break
  }
  return removed
}

async function isOld(path: string, nowMs: number): Promise<boolean> {
  try {
    return nowMs - (await stat(path)).mtimeMs > ageMsMin
  } catch (error) {
    if (isAbsence(error)) return false
    throw error
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    // Another was faster.
    if (!isAbsence(error)) throw error
  }
}

function isAbsence(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}

/** Only a refusal proves that nobody listens. */
function isRefused(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(refusals.has(error.code)))
  })
}
