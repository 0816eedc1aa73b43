// What unsafe requests put out of use lately, and when (RFC 9111 4.4), in memory that all who use the store share: it lies
// beside it. The low bits of a key's hash choose a place, which knows of the last of its keys: that somebody else's may have
// been overwritten by it is for who asks to remember.
import { join } from 'node:path'
import { unmap } from '../../native/index.js'
import { openAlone, openSharedFile } from './shared-file.js'
import { bootWords, readBootId } from './zones.js'

/** A power of two. */
const placesCount = 16_384
const headerBytes = 64
/** "naijinva" as it lies in memory. */
const magic = Buffer.from('naijinva', 'latin1').readBigUInt64LE()
const at = { magic: 0, bootHigh: 1, bootLow: 2, latest: 3 }

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
  return onBuffer(new ArrayBuffer(headerBytes + 16 * placesCount), () => {})
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openInvalidated(cacheDirectory: string, bootId = readBootId()): Invalidated {
  const [high, low] = bootWords(bootId)
  const open = () =>
    openSharedFile({
      path: join(cacheDirectory, 'invalidated-v1'),
      bytes: headerBytes + 16 * placesCount,
      isSound: buffer => {
        const wide = new BigUint64Array(buffer, 0, 3)
        return (
          Atomics.load(wide, at.magic) === magic && wide[at.bootHigh] === high && wide[at.bootLow] === low
        )
      },
      // What was asked for before the machine started does not come any more.
      isOld: buffer => Atomics.load(new BigUint64Array(buffer, 0, 1), at.magic) === magic,
      make: buffer => {
        const wide = new BigUint64Array(buffer, 0, 3)
        wide.set([high, low], at.bootHigh)
        Atomics.store(wide, at.magic, magic)
      },
      renew: () => {},
      setting: 'cache.directory',
    })
  const { buffer, lock } = openAlone(cacheDirectory, open, undefined, 'cache.directory')
  return onBuffer(buffer, () => {
    // Unmapped first: who gets the lock next may change what we would still see.
    unmap(buffer)
    lock.release()
  })
}

function onBuffer(buffer: ArrayBuffer, close: () => void): Invalidated {
  return {
    counters: new Int32Array(buffer, headerBytes, placesCount),
    times: new Float64Array(buffer, headerBytes + 4 * placesCount, placesCount),
    hashes: new Int32Array(buffer, headerBytes + 12 * placesCount, placesCount),
    latest: new Float64Array(buffer, 8 * at.latest, 1),
    close,
  }
}
