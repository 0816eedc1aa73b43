// A file as memory shared between processes. What lies in it, and who may write what, its users decide.
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { requireAddon } from './addon.js'
import { aboutFile } from './failure.js'
import { reserve } from './reserve.js'

export interface MapOptions {
  /** Make the file when it is absent or empty; readable and writable by its owner only. */
  create?: boolean
}

export const mapBytesMax = 2 ** 32

/**
 * The file, all of it, as an ArrayBuffer: `Atomics` on views of it work between processes, except `wait` and
 * `notify`. Every byte is reserved, so a full disk is an ENOSPC here and no SIGBUS later; for the same reason nobody
 * may ever shorten the file (unlink it instead). Who creates holds a lock, so that nobody sees the file half made.
 *
 * Throws `wrong-length` when the file has not exactly `bytes` bytes, `not-a-file`, `native-absent`, ENOENT, ELOOP
 * (the last part of the path is a link), ENOSPC and others, each with `path`; RangeError outside 1 to `mapBytesMax`.
 */
export function map(path: string, bytes: number, { create = false }: MapOptions = {}): ArrayBuffer {
  const addon = requireAddon()
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > mapBytesMax) {
    throw new RangeError(`bytes must be an integer from 1 to ${mapBytesMax}`)
  }
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | (create ? constants.O_CREAT : 0), 0o600)
  try {
    const { size } = fstatSync(fd)
    if (size === bytes || (create && size === 0)) reserve(fd, bytes)
    return addon.map(fd, bytes)
  } catch (error) {
    throw aboutFile(error, path)
  } finally {
    // The mapping stays without it.
    closeSync(fd)
  }
}

/**
 * Empties every view of `buffer` and gives the memory back before the next turn of the loop is over; false when that
 * was done before. No asynchronous call of Node may be using the memory. Without this, the garbage collector does it
 * when nothing refers to the buffer or a view of it.
 */
export function unmap(buffer: ArrayBuffer): boolean {
  return requireAddon().unmap(buffer)
}
