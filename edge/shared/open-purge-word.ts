// The word of the purges, in memory that all who use a cache share: it lies beside the index, whose rules it announces, so
// that workers of every version and of every edge over that cache hear of them.
import { join } from 'node:path'
import { purgeLayout } from './layout.js'
import { PurgeWord } from './purge-word.js'
import { closeFile, openAlone, openSharedFile, type Replaced, type SharedFile } from './shared-file.js'
import { bootWords, readBootId } from './zones.js'

export interface OpenPurgeWord {
  readonly word: PurgeWord
  /** The file that could not be used, and is new now. */
  readonly replaced: Replaced | undefined
  /** Neither it nor the word may be used afterwards. */
  close(): void
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openPurgeWord(cacheDirectory: string, bootId = readBootId()): OpenPurgeWord {
  const open = () => openPurge(cacheDirectory, bootId)
  const file = openAlone(cacheDirectory, open, undefined, 'cache.directory')
  return { word: new PurgeWord(file.buffer), replaced: file.replaced, close: () => closeFile(file) }
}

/** A file of another boot counts for nothing: no process of that time is left. */
function openPurge(directory: string, bootId: string): SharedFile {
  const { bytes, magic, name, offsets } = purgeLayout
  const [high, low] = bootWords(bootId)
  const make = (buffer: ArrayBuffer): void => {
    const wide = new BigUint64Array(buffer)
    wide.set([high, low], offsets.bootId / 8)
    wide[offsets.sequence / 8] = 0n
    Atomics.store(wide, offsets.magic / 8, magic)
  }
  return openSharedFile({
    path: join(directory, name),
    bytes,
    isSound: buffer => {
      const wide = new BigUint64Array(buffer)
      const [bootHigh, bootLow] = wide.subarray(offsets.bootId / 8)
      return Atomics.load(wide, offsets.magic / 8) === magic && bootHigh === high && bootLow === low
    },
    isOld: buffer => Atomics.load(new BigUint64Array(buffer), offsets.magic / 8) === magic,
    make,
    renew: () => {},
    setting: 'cache.directory',
  })
}
