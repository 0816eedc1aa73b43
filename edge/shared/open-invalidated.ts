// What unsafe requests put out of use lately, and when (RFC 9111 4.4), in memory that all who use the store share: it lies
// beside it. The low bits of a key's hash choose a place, which knows of the last of its keys: that somebody else's may have
// been overwritten by it is for who asks to remember.
import { join } from 'node:path'
import { bootHeaderBytes, openBootFile } from './boot-file.js'
import { closeFile, openAlone } from './shared-file.js'
import { readBootId } from './zones.js'

/** A power of two. */
const placesCount = 16_384
/** "naijinva" as it lies in memory. */
const magic = Buffer.from('naijinva', 'latin1').readBigUInt64LE()
/** Behind the words of the boot. */
const latestAt = 24
const bytes = bootHeaderBytes + 16 * placesCount

export interface Invalidated {
  /** How often keys were invalidated, by place. */
  readonly counters: Int32Array
  /** When last: wall clock, milliseconds with fractions; 0: never. */
  readonly times: Float64Array
  /** And which: its whole hash. */
  readonly hashes: Int32Array
  /** Of the last of all. */
  readonly latest: Float64Array
  /** Nothing may be noted afterwards, and nothing is found. */
  close(): void
}

/** `hash`: `hashOf` the key. */
export function placeOf(hash: number): number {
  return hash & (placesCount - 1)
}

/** For a process that shares its store with nobody. */
export function ownInvalidated(): Invalidated {
  return onBuffer(new ArrayBuffer(bytes), () => {})
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openInvalidated(cacheDirectory: string, bootId = readBootId()): Invalidated {
  const path = join(cacheDirectory, 'invalidated-v1')
  const open = () => openBootFile({ path, bytes, magic, bootId })
  const file = openAlone(cacheDirectory, open, undefined, 'cache.directory')
  return onBuffer(file.buffer, () => closeFile(file))
}

function onBuffer(buffer: ArrayBuffer, close: () => void): Invalidated {
  return {
    counters: new Int32Array(buffer, bootHeaderBytes, placesCount),
    times: new Float64Array(buffer, bootHeaderBytes + 4 * placesCount, placesCount),
    hashes: new Int32Array(buffer, bootHeaderBytes + 12 * placesCount, placesCount),
    latest: new Float64Array(buffer, latestAt, 1),
    close,
  }
}
