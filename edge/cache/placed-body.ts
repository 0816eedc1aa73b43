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

  #readPart(part: Part, at: number, bytesMax: number, reader: BodyReader): Piece {
    if (part instanceof Uint8Array) return part.subarray(at, at + bytesMax)
    const wanted = Math.min(bytesMax, bytesOf(part) - at)
    return this.#reads.read(this.#place, part.first + at, wanted, reader)
  }
}

function bytesOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.last - part.first + 1
}

/** All of `body` in `into`, if memory has it, else undefined. A view on `into`, which is long enough. */
export function readWhole(body: PlacedBody, into: Uint8Array): Uint8Array | undefined {
  const reader = { at: 0, wake: () => {} }
  for (;;) {
    const piece = body.read(reader, body.length - reader.at)
    if (piece === 'end') return into.subarray(0, reader.at)
    if (typeof piece === 'string') return undefined
    into.set(piece, reader.at)
    reader.at += piece.length
  }
}
