// Reads a body out of its extents: at once what the page cache has, or all of it, waiting for the disk. Which file that
// is, is readers.ts's.
import { read as readThen } from 'node:fs'
import { promisify } from 'node:util'
import { readNow } from '../../../native/index.js'
import type { PlaceSoFar } from './place.js'

const read = promisify(readThen)

/**
 * The body from `from` on into `into`, as far as it is cached: the number of bytes, fewer than `into` has room for at
 * the end of the body or of what is cached; 'wait' when not even the first is; 0 only when nothing is wanted or the body
 * has no more; undefined when the file ends before the body does. Throws what reading throws.
 */
export function readCached(
  fd: number,
  place: PlaceSoFar,
  from: number,
  into: Uint8Array,
): number | 'wait' | undefined {
  const { extents } = place
  const end = Math.min(from + into.length, place.bytes)
  let at = from
  let start = 0
  for (let index = 0; index < extents.length && at < end; index++) {
    const extent = extents[index]
    const stop = start + extent[1]
    if (at < stop) {
      const wanted = Math.min(stop, end) - at
      const got = readNow(fd, into, at - from, wanted, extent[0] + at - start)
      if (got > 0) at += got
      else if (at === from) return got < 0 ? 'wait' : undefined
      if (got < wanted) return at - from
    }
    start = stop
  }
  return counted(at, from, end)
}

/** The same, waiting for the disk: fewer bytes than wanted only at the end of the body or of a file that was cut. */
export async function readWaiting(
  fd: number,
  place: PlaceSoFar,
  from: number,
  into: Uint8Array,
): Promise<number | undefined> {
  const end = Math.min(from + into.length, place.bytes)
  let at = from
  let start = 0
  for (const [offset, length] of place.extents) {
    const stop = start + length
    while (at < stop && at < end) {
      const wanted = Math.min(stop, end) - at
      const { bytesRead } = await read(fd, into, at - from, wanted, offset + at - start)
      if (bytesRead === 0) return at > from ? at - from : undefined
      at += bytesRead
    }
    start = stop
  }
  return counted(at, from, end)
}

/** Extents that are shorter than their body are no place. */
function counted(at: number, from: number, end: number): number | undefined {
  return at > from || at >= end ? at - from : undefined
}
