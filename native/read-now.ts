// Reads what the page cache has and never waits for the disk; what is not there, `fs.read` reads.
import { readSync } from 'node:fs'
import { type Addon, loaded } from './addon.js'

/** How reads are done: `plain` when one of this process had to be an ordinary read, which may wait for the disk. */
export type ReadNowMode = 'nowait' | 'plain'

/**
 * Reads up to `length` bytes at `position` of the file into `buffer` from `offset`. The number of bytes: fewer at
 * the end of the file or of what is cached, 0 only at the end of the file (or when `length` is 0), -1 when not even
 * the first byte is cached. Where the kernel or the file system cannot say, or the addon is absent, an ordinary read.
 *
 * TypeError and RangeError for wrong arguments; throws EBADF, EIO and others.
 */
export const readNow: Addon['readNow'] = loaded.addon?.readNow ?? readPlain

export function readNowMode(): ReadNowMode {
  return loaded.addon === undefined || loaded.addon.readNowIsPlain() ? 'plain' : 'nowait'
}

function readPlain(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number {
  // To Node it would mean "where the last read ended".
  if (position < 0) throw new RangeError('position must be an integer from 0')
  return readSync(fd, buffer, offset, length, position)
}
