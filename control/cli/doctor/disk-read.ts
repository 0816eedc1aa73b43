// What disk.ts judges, read from the directories of the edge: their file system, who may use them, how fast it writes.
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { DirectoryRead, FileSystemRead, SpeedRead } from './disk.js'

/** A cache has a few thousand segments; what has more is none of ours. */
const filesMax = 100_000
const testBytes = 64 * 2 ** 20
const pieceBytes = 2 ** 20
/** A disk so slow is known by then. */
const testMs = 10_000
/** In which `blocks` counts (stat(2)). */
const blockBytes = 512

/** The directory, or the nearest above it that is there. */
export function nearestDirectory(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    if (statOf(at)?.isDirectory() || at === dirname(at)) return at
  }
}

/** Throws what the file system throws. */
export function readFileSystem(directory: string): FileSystemRead {
  const found = statfsSync(nearestDirectory(directory))
  return {
    type: found.type,
    bytes: found.blocks * found.bsize,
    freeBytes: found.bavail * found.bsize,
    files: found.files,
    freeFiles: found.ffree,
    usedBytes: usedBytes(directory),
  }
}

/** On the disk, of all that is below. */
function usedBytes(directory: string): number {
  let [sum, count] = [0, 0]
  const waiting = [directory]
  for (let at = waiting.pop(); at !== undefined && count < filesMax; at = waiting.pop()) {
    for (const entry of entriesOf(at)) {
      if (++count > filesMax) break
      const path = join(at, entry.name)
      if (entry.isDirectory()) waiting.push(path)
      // The keeper removes some meanwhile.
      else sum += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * blockBytes
    }
  }
  return sum
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

export function readDirectory(setting: string, path: string): DirectoryRead {
  try {
    const found = statOf(path)
    if (found === undefined) return { setting, path, found: undefined }
    const { uid, gid, mode } = found
    return { setting, path, found: { isDirectory: found.isDirectory(), uid, gid, mode: mode & 0o7777 } }
  } catch (error) {
    return { setting, path, found: error as Error }
  }
}

/** undefined: there is none. Throws when it may not be seen. */
function statOf(path: string) {
  try {
    return statSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

/** Bounded in bytes and time; the file has no name, so that nothing is left of it. Throws what the disk throws. */
export function measureSpeed(directory: string): SpeedRead {
  const file = join(nearestDirectory(directory), `.naijctl-doctor-${process.pid}`)
  const descriptor = openSync(
    file,
    constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  )
  rmSync(file)
  try {
    const written = timed(piece => writeSync(descriptor, piece), descriptor)
    return { written, read: readBack(descriptor) }
  } finally {
    closeSync(descriptor)
  }
}

/** Of the engine; the types of Node leave it to those of browsers. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } }

/** `descriptor`: synced at the end, within the time. */
function timed(step: (piece: Uint8Array) => number, descriptor?: number) {
  // Its memory begins at a page, which reading past the page cache asks for.
  const piece = new Uint8Array(new WebAssembly.Memory({ initial: pieceBytes / 65_536 }).buffer)
  for (let at = 0; at < piece.length; at += 8) piece[at] = (at * 31) % 251
  const beginMs = performance.now()
  let bytes = 0
  while (bytes < testBytes && performance.now() - beginMs < testMs) {
    const count = step(piece)
    if (count === 0) break
    bytes += count
  }
  if (descriptor !== undefined) fsyncSync(descriptor)
  return { bytes, ms: Math.max(0.01, performance.now() - beginMs) }
}

/** From the disk, not from the page cache; undefined where the file system cannot do that. */
function readBack(written: number): SpeedRead['read'] {
  let descriptor: number | undefined
  try {
    descriptor = openSync(`/proc/self/fd/${written}`, constants.O_RDONLY | constants.O_DIRECT)
    const from = descriptor
    let position = 0
    return timed(piece => {
      const count = readSync(from, piece, 0, piece.length, position)
      position += count
      return count
    })
  } catch {
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
