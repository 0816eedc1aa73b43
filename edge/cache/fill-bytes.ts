// Where the bytes of a fill are: all in memory as long as they are few, then in a segment as far as they are written and
// in memory for the rest; and in memory again what comes after the segment was given up. When to change is fill.ts's.
import type { BodyReader, Piece } from './body.js'
import type { Content } from './entry.js'
import { Pages } from './pages.js'
import { type Bodies, SegmentReads } from './segment-reads.js'
import type { PlaceSoFar, Writing } from './segments/segments.js'

/** Longer bodies go to a segment while they come. */
export const memoryBytesMax = 64 * 1024

/** What becomes of the writing to a segment. */
export interface WritingEvents {
  /** Some of it is written. */
  onGrow: () => void
  /** `append` may go on after it returned false. */
  onRoom: () => void
  onBroken: () => void
}

export class FillBytes {
  /** Undefined while all bytes are in the segment or on their way there. */
  #pages: Pages | undefined
  #writing: Writing | undefined
  #reads: SegmentReads | undefined
  #place: PlaceSoFar | undefined
  #bytes = 0

  /** `promised`: the length of the body, if known. */
  constructor(private readonly promised: number | undefined) {
    this.#pages = new Pages(promised && Math.min(promised, memoryBytesMax))
  }

  /** Bytes that came. */
  get bytes(): number {
    return this.#bytes
  }

  get memoryBytes(): number {
    if (this.#pages !== undefined) return this.#pages.bytes - this.#pages.keptFrom
    return this.#writing === undefined ? 0 : this.#writing.appended - this.#writing.written
  }

  get isInSegment(): boolean {
    return this.#writing !== undefined
  }

  /** What can be read in a segment by now. */
  written(): PlaceSoFar | undefined {
    if (this.#writing !== undefined && this.#writing.state !== 'whole')
      this.#place = this.#writing.placeSoFar()
    return this.#place
  }

  /** Who begins to read now gets all of it. */
  get isWhole(): boolean {
    return this.#pages === undefined || this.#pages.keptFrom === 0
  }

  /** Copies the chunk. False when more of it should wait until some is written. */
  append(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length
    if (this.#writing !== undefined) return this.#writing.append(chunk)
    this.#pages!.append(chunk)
    return true
  }

  /** From now on the bytes go to a segment; false when there can be none. */
  moveTo(bodies: Bodies, events: WritingEvents): boolean {
    const { segments } = bodies
    const writing = segments.begin(this.promised)
    if (writing === undefined) return false
    Object.assign(writing, events)
    for (let at = 0; at < this.#bytes; ) {
      const piece = this.#pages!.read(at)!
      writing.append(piece)
      at += piece.length
    }
    this.#pages = undefined
    this.#writing = writing
    this.#place = writing.placeSoFar()
    this.#reads = new SegmentReads(bodies, this.#place)
    // Open from now on, so that it stays readable wherever it goes.
    segments.isThere(writing.segment)
    return true
  }

  /** From the reader's place on; undefined when that has not come. */
  read(reader: BodyReader, bytesMax: number): Piece | undefined {
    const { at } = reader
    const piece = this.#pages?.read(at) ?? this.#writing?.waitingFrom(at)
    if (piece !== undefined) return piece.subarray(0, bytesMax)
    if (at >= this.#bytes) return undefined
    if (this.#writing !== undefined && this.#place!.bytes <= at) this.#place = this.#writing.placeSoFar()
    const place = this.#place!
    return this.#reads!.read(place, at, Math.min(bytesMax, place.bytes - at), reader)
  }

  /** The reader comes no more. */
  forget(reader: BodyReader): void {
    this.#reads?.forget(reader)
  }

  /** All of it, once nothing follows. Rejects when it could not be written; it can still be read. */
  async finish(): Promise<Content> {
    const writing = this.#writing
    if (writing === undefined) return this.#pages!.whole()
    try {
      const place = await writing.finish()
      this.#place = place
      return place
    } catch (error) {
      this.stopWriting()
      throw error
    }
  }

  /** The segment gets no more: what is not written stays in memory, what is written is read where it is. */
  stopWriting(): void {
    const writing = this.#writing
    if (writing === undefined) return
    this.#place = writing.placeSoFar()
    const pages = new Pages(undefined, writing.written)
    for (let at = writing.written; at < writing.appended; ) {
      const piece = writing.waitingFrom(at)!
      pages.append(piece)
      at += piece.length
    }
    this.#pages = pages
    this.#writing = undefined
    writing.abandon()
  }

  /** Lets go of memory that holds what comes before `at`. */
  dropBefore(at: number): void {
    this.#pages?.dropBefore(at)
  }

  /** Nobody reads it any more. */
  close(): void {
    this.#writing?.abandon()
    this.#reads?.close()
    this.#pages = undefined
    this.#writing = undefined
  }
}
