// A file beside the index that holds zeros when the machine starts: its first three words are a name and the boot.
import { openSharedFile, type SharedFile } from './shared-file.js'
import { bootWords } from './zones.js'

export interface BootFileOptions {
  path: string
  /** These words included. */
  bytes: number
  /** The name as it lies in memory. */
  magic: bigint
  bootId: string
}

/** Where what follows may begin: a line of the cache. */
export const bootHeaderBytes = 64

/** Only within `openAlone`. */
export function openBootFile({ path, bytes, magic, bootId }: BootFileOptions): SharedFile {
  const [high, low] = bootWords(bootId)
  const words = (buffer: ArrayBuffer) => new BigUint64Array(buffer, 0, 3)
  return openSharedFile({
    path,
    bytes,
    isSound: buffer => {
      const [, knownHigh, knownLow] = words(buffer)
      return Atomics.load(words(buffer), 0) === magic && knownHigh === high && knownLow === low
    },
    // What was there before the machine started is nobody's any more.
    isOld: buffer => Atomics.load(words(buffer), 0) === magic,
    make: buffer => {
      words(buffer).set([high, low], 1)
      Atomics.store(words(buffer), 0, magic)
    },
    renew: () => {},
    setting: 'cache.directory',
  })
}
