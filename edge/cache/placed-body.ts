// The body of an entry that lies in a segment, whole or some parts of it with other bytes around them, as a Range asks.
import type { ByteRange } from '../http/ranges.js'
import type { Body, BodyReader, Piece } from './body.js'
import { type Bodies, SegmentReads } from './segment-reads.js'
import type { Place } from './segments/segments.js'

/** Bytes as they are, or that part of the body; never empty. */
export type Part = Uint8Array | ByteRange

export class PlacedBody implements Body {
  readonly length: number
  readonly #place: Place
  readonly #parts: readonly Part[]
  readonly #reads: SegmentReads

  /** Its segment stays readable until `detach`, so each needs one, or `close`. */
  constructor(bodies: Bodies, place: Place, parts: readonly Part[]) {
    this.#place = place
    this.#parts = parts
    this.#reads = new SegmentReads(bodies, place)
    this.length = parts.reduce((sum, part) => sum + bytesOf(part), 0)
  }

  attach(_reader: BodyReader): void {}

  detach(_reader: BodyReader): void {
    this.close()
  }

  progressed(): void {}

  close(): void {
    this.#reads.close()
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    let start = 0
    for (const part of this.#parts) {
      const bytes = bytesOf(part)
      if (reader.at < start + bytes) return this.#readPart(part, reader.at - start, bytesMax, reader)
      start += bytes
    }
    return 'end'
  }

  /** All of it in `into`, which is long enough, if memory has it; undefined where the disk would be asked. */
  readCached(into: Uint8Array): Uint8Array | undefined {
    let at = 0
    for (const part of this.#parts) {
      const end = at + bytesOf(part)
      if (part instanceof Uint8Array) into.set(part, at)
      else if (!this.#reads.readCached(this.#place, part.first, into.subarray(at, end))) return undefined
      at = end
    }
    return into.subarray(0, at)
  }

  #readPart(part: Part, at: number, bytesMax: number, reader: BodyReader): Piece {
    if (part instanceof Uint8Array) return part.subarray(at, at + bytesMax)
    const wanted = Math.min(bytesMax, bytesOf(part) - at)
    return this.#reads.read(this.#place, part.first + at, wanted, reader)
  }
}

function bytesOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.last - part.first + 1
}
