// The segments as the keeper has them, which writes what stays of those that leave: opened when there is something to write.
import { dirname } from 'node:path'
import type { StoreLog } from '../cache/commit.js'
import { segmentsCapOf } from '../cache/segments/cap.js'
import { openSegments, type Segments } from '../cache/segments/segments.js'
import { segmentBytesOf } from '../cache/segments/sizes.js'

/** It reads one at a time. */
const openReadersMax = 4

export interface OwnSegmentsOptions {
  /** Of the segments. */
  directory: string
  /** Of the whole cache. */
  bytesMax: number
  log: StoreLog
}

export class OwnSegments {
  readonly #options: OwnSegmentsOptions
  #segments: Segments | undefined

  constructor(options: OwnSegmentsOptions) {
    this.#options = options
  }

  /** Throws what the file system says, and `native-absent`. */
  open(): Segments {
    const { directory, bytesMax, log } = this.#options
    this.#segments ??= openSegments({
      directory,
      segmentBytes: segmentBytesOf(bytesMax),
      openReadersMax,
      capBytes: () => segmentsCapOf(dirname(directory), bytesMax),
      log,
    })
    return this.#segments
  }

  async close(): Promise<void> {
    const segments = this.#segments
    this.#segments = undefined
    await segments?.close()
  }
}
