// Removes whole segments, the oldest first, and what killed workers left reserved. A segment that a living worker
// writes to is locked (create.ts), whoever asks; the kernel unlocks those of the dead.
import { close, constants, fstatSync, ftruncate as ftruncateThen, openSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { lock } from '../../../native/index.js'
import type { StoreLog } from '../commit.js'
import { listFiles, type SegmentFile, takenBytes } from './directory.js'
import { segmentPath } from './header.js'

const ftruncate = promisify(ftruncateThen)

const openFlags = constants.O_NOFOLLOW | constants.O_NONBLOCK
/** Less than this behind the end of a file is not worth the trouble. */
const spareBytesMin = 64 * 1024

export interface Evicted {
  /** Ids of what was removed, oldest first. */
  ids: number[]
  /** What is left. */
  files: SegmentFile[]
}

/**
 * Unlinks the oldest segments until at most `keepBytes` are left. Never the newest: its id is what the next one is
 * counted from. `before` is awaited while nobody can write to the one that leaves; it never rejects. Never rejects: what cannot be removed stays, with a line in the log.
 */
export async function evict(
  directory: string,
  keepBytes: number,
  log: StoreLog,
  before?: (file: SegmentFile) => Promise<void>,
): Promise<Evicted> {
  const files = await list(directory, log)
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const ids = new Set<number>()
  for (const file of files.slice(0, -1)) {
    if (bytes <= keepBytes) break
    const path = segmentPath(directory, file.id)
    const leave = async () => {
      await before?.(file)
      await unlink(path)
    }
    if (!(await alone(path, constants.O_RDONLY, leave, log))) continue
    bytes -= file.bytes
    ids.add(file.id)
  }
  return { ids: [...ids], files: files.filter(({ id }) => !ids.has(id)) }
}

/** Frees what those of these segments whose writers died have reserved behind their last byte. Never rejects. */
export async function trimAbandoned(directory: string, ids: readonly number[], log: StoreLog): Promise<void> {
  for (const id of ids) {
    await alone(segmentPath(directory, id), constants.O_RDWR, trim, log)
  }
}

async function trim(fd: number): Promise<void> {
  const status = fstatSync(fd)
  if (takenBytes(status) - status.size >= spareBytesMin) await ftruncate(fd, status.size)
}

async function list(directory: string, log: StoreLog): Promise<SegmentFile[]> {
  try {
    return await listFiles(directory)
  } catch (error) {
    log('warn', 'the segments could not be listed', { directory, error })
    return []
  }
}

/** Does it while nobody writes there; false when somebody does, when it is gone, and when it fails. */
async function alone(
  path: string,
  mode: number,
  act: (fd: number) => Promise<void>,
  log: StoreLog,
): Promise<boolean> {
  let fd: number | undefined
  try {
    fd = openSync(path, openFlags | mode)
    if (lock(fd, 'exclusive') === undefined) return false
    // Somebody else removed it between its opening and the lock.
    if (fstatSync(fd).nlink === 0) return false
    await act(fd)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log('warn', 'a segment could not be removed or trimmed', { path, error })
    }
    return false
  } finally {
    if (fd !== undefined)
      close(fd, error => error && log('warn', 'a segment could not be closed', { path, error }))
  }
}
