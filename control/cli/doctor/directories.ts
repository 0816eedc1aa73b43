// Whether the edge may use its directories, and nobody else; and whether the path of its socket is short enough.
import { join } from 'node:path'
import type { DirectoryRead } from './disk.js'
import { about, type Finding } from './finding.js'

/** Who the edge is, or would be. */
export interface User {
  readonly uid: number
  readonly gids: readonly number[]
  /** False: no edge runs, and this is who looks. */
  readonly isEdge: boolean
}

/** `sun_path` of Linux is 108 bytes with its final zero byte. */
const socketPathBytesMax = 107

export function judgeDirectories(directories: readonly DirectoryRead[], user: User): Finding[] {
  return directories.map(directory => judgeDirectory(directory, user))
}

function judgeDirectory({ setting, path, found }: DirectoryRead, user: User): Finding {
  const say = about(
    `directories.${setting}`,
    'the edge makes files in it, and who else may can put answers into the cache or ask the admin socket',
  )
  if (found === undefined) return say.ok(`${path} is not there; the edge makes it at its start`)
  if (found instanceof Error) return say.note(found.message, 'run this as root, or as the user of the edge')
  if (!found.isDirectory) return say.bad(`${path} is no directory`, `another path for ${setting}`)
  const { uid, gid, mode } = found
  const shown = `${path}: mode ${mode.toString(8).padStart(4, '0')}, of user ${uid}, group ${gid}; ${user.isEdge ? 'the edge' : 'who looks'} is user ${user.uid}`
  if (!mayUse(found, user) && !user.isEdge)
    return say.note(
      `${shown}, who may not use it`,
      'run this as the user of the edge, or while the edge runs',
    )
  if (!mayUse(found, user)) return say.bad(shown, `chown -R ${user.uid} ${path}; chmod 0750 ${path}`)
  if ((mode & 0o002) !== 0) return say.bad(`${shown}: anybody may write`, `chmod 0750 ${path}`)
  if ((mode & 0o020) !== 0 && gid !== 0 && !user.gids.includes(gid))
    return say.warn(`${shown}: a group of others may write`, `chmod 0750 ${path}`)
  if ((mode & 0o005) !== 0) return say.note(`${shown}: anybody may read`, `chmod 0750 ${path}`)
  return say.ok(shown)
}

function mayUse({ uid, gid, mode }: { uid: number; gid: number; mode: number }, user: User): boolean {
  if (user.uid === 0) return true
  const shift = user.uid === uid ? 6 : user.gids.includes(gid) ? 3 : 0
  return ((mode >> shift) & 0o7) === 0o7
}

/** As workers name theirs (edge/shared/socket-files.ts), with a number that takes years to reach. */
const workerSocket = 'mesh-00000000-000000.new'

/** Both as they are written: so the kernel is given them. */
export function judgeRunPaths(adminSocket: string, runDirectory: string): Finding[] {
  const why = 'the kernel refuses a longer path of a socket, and the edge does not start'
  const judged = (check: string, path: string, change: string) => {
    const say = about(`directories.${check}`, why)
    const bytes = Buffer.byteLength(path)
    const found = `${path}: ${bytes} bytes of at most ${socketPathBytesMax}`
    return bytes > socketPathBytesMax ? say.bad(found, change) : say.ok(found)
  }
  return [
    judged('admin.socket', adminSocket, 'a shorter one, such as "/run/naijcloud/edge.sock"'),
    judged(
      'sockets-of-workers',
      join(runDirectory, workerSocket),
      'a shorter run.directory, such as "/run/naijcloud"',
    ),
  ]
}

/** Of the text of /proc/PID/status. */
export function userOf(status: string | undefined): User | undefined {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1]
  const gid = /^Gid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1]
  if (uid === undefined || gid === undefined) return undefined
  const groups = /^Groups:[ \t]*([\d ]*)$/m.exec(status ?? '')?.[1] ?? ''
  const others = groups.split(' ').filter(text => text !== '')
  return { uid: Number(uid), gids: [gid, ...others].map(Number), isEdge: true }
}
