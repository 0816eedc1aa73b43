// Whether the edge may use its directories, and nobody else; and whether the path of its socket is short enough.
import type { DirectoryRead } from './disk.js'
import { about, type Finding } from './finding.js'

/** Who the edge is, or would be. */
export interface User {
  readonly uid: number
  readonly gids: readonly number[]
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
  if (!found.isDirectory) return say.bad(`${path} is no directory`, `another path for ${setting}`)
  const { uid, gid, mode } = found
  const shown = `${path}: mode ${mode.toString(8).padStart(4, '0')}, of user ${uid}, group ${gid}; the edge is user ${user.uid}`
  if (!mayUse(found, user)) return say.bad(shown, `chown -R ${user.uid} ${path}; chmod 0750 ${path}`)
  if ((mode & 0o002) !== 0) return say.bad(`${shown}: anybody may write`, `chmod 0750 ${path}`)
  if ((mode & 0o020) !== 0 && gid !== 0 && !user.gids.includes(gid))
    return say.warn(`${shown}: a group of others may write`, `chmod 0750 ${path}`)
  if ((mode & 0o005) !== 0) return say.note(`${shown}: anybody may read`, `chmod 0750 ${path}`)
  return say.ok(shown)
}

function mayUse({ uid, gid, mode }: NonNullable<DirectoryRead['found']>, user: User): boolean {
  if (user.uid === 0) return true
  const shift = user.uid === uid ? 6 : user.gids.includes(gid) ? 3 : 0
  return ((mode >> shift) & 0o7) === 0o7
}

/** The configuration's own check sees the path as it is written; from elsewhere it may be longer. */
export function judgeSocket(path: string): Finding {
  const say = about(
    'directories.admin.socket',
    'the kernel cuts off no path, it refuses it: the edge does not start',
  )
  const bytes = Buffer.byteLength(path)
  const found = `${path}: ${bytes} bytes of at most ${socketPathBytesMax}`
  return bytes > socketPathBytesMax
    ? say.bad(found, 'a shorter admin.socket, such as /run/naijcloud/edge.sock')
    : say.ok(found)
}

/** Of the text of /proc/PID/status. */
export function userOf(status: string | undefined): User | undefined {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1]
  const gid = /^Gid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1]
  if (uid === undefined || gid === undefined) return undefined
  const groups = /^Groups:[ \t]*([\d ]*)$/m.exec(status ?? '')?.[1] ?? ''
  const others = groups.split(' ').filter(text => text !== '')
  return { uid: Number(uid), gids: [gid, ...others].map(Number) }
}
