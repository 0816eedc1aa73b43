// The word of the purges for who needs nothing else of the ground: a worker that shares no fetches, and the keeper.
import { unmap } from '../../native/index.js'
import { PurgeWord } from './purge-word.js'
import { openAlone, type Replaced } from './shared-file.js'
import { openPurge, readBootId } from './zones.js'

export interface OpenPurgeWord {
  readonly word: PurgeWord
  /** The file that could not be used, and is new now. */
  readonly replaced: Replaced | undefined
  /** Neither it nor the word may be used afterwards. */
  close(): void
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openPurgeWord(runDirectory: string, bootId = readBootId()): OpenPurgeWord {
  const { buffer, lock, replaced } = openAlone(runDirectory, () => openPurge(runDirectory, bootId))
  return {
    word: new PurgeWord(buffer),
    replaced,
    close: () => {
      // Unmapped first: who gets the lock next may change what we would still see.
      unmap(buffer)
      lock.release()
    },
  }
}
