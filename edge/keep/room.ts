// Keeps the segments below what the cache may hold, with room for the next ones: the oldest leave before a worker has to
// make room itself. What an evicted segment is, and that nobody writes to it, is cache/segments/evict.ts's.
import type { StoreLog } from '../cache/commit.js'
import { listFiles, type SegmentFile } from '../cache/segments/directory.js'
import { evict } from '../cache/segments/evict.js'

export interface RoomOptions {
  /** Of the segments. */
  directory: string
  /** So much may stay by now. */
  keepBytes: () => number
  log: StoreLog
  /** What is to be done before a segment leaves; never rejects. */
  before?: (file: SegmentFile) => Promise<void>
  /** After each look, with those that are left, oldest first. */
  onLooked?: (files: readonly SegmentFile[]) => void
}

/** Of what may stay. */
const nearlyFullShare = 0.9

export class Room {
  /** Of what is there; undefined until the first look, and while it cannot be seen. */
  size: { files: number; bytes: number } | undefined
  segmentsEvicted = 0
  segmentBytesEvicted = 0
  readonly #options: RoomOptions
  /** As of the last look. */
  #keptBytes = Number.POSITIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** As of the last look: something has to leave soon. */
  get isNearlyFull(): boolean {
    return this.size !== undefined && this.size.bytes > nearlyFullShare * this.#keptBytes
  }

  /** Counts what is there, and evicts what is too much. One look at a time: who asks meanwhile gets that one. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    await this.#looking
  }

  async #look(): Promise<void> {
    const { directory, keepBytes, log, onLooked } = this.#options
    try {
      const files = await listFiles(directory)
      this.size = sizeOf(files)
      this.#keptBytes = keepBytes()
      if (this.size.bytes > this.#keptBytes) await this.#evict(files)
      else onLooked?.(files)
    } catch (error) {
      this.size = undefined
      log('warn', 'the segments could not be listed', { directory, error })
    }
  }

  async #evict(found: readonly SegmentFile[]): Promise<void> {
    const { directory, log, before, onLooked } = this.#options
    const { ids, files } = await evict(directory, this.#keptBytes, log, before)
    this.size = sizeOf(files)
    this.segmentsEvicted += ids.length
    const evicted = new Set(ids)
    for (const { id, bytes } of found) if (evicted.has(id)) this.segmentBytesEvicted += bytes
    onLooked?.(files)
    if (ids.length > 0) log('debug', 'segments evicted', { ids, ...this.size })
  }
}

function sizeOf(files: readonly SegmentFile[]): { files: number; bytes: number } {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}
