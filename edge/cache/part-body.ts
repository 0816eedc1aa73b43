// A part of a body that is still coming.
import type { ByteRange } from '../http/ranges.js'
import type { Body, BodyReader, Piece } from './body.js'

/** The body itself, unless it is a range of it that is wanted. */
export function partBody(body: Body, wanted: ByteRange | 'all' | 'unwanted'): Body {
  return typeof wanted === 'string' ? body : new PartBody(body, wanted)
}

/** For one reader. */
class PartBody implements Body {
  readonly length: number
  readonly #body: Body
  readonly #range: ByteRange
  #inner: BodyReader | undefined

  constructor(body: Body, range: ByteRange) {
    this.#body = body
    this.#range = range
    this.length = range.last - range.first + 1
  }

  attach(reader: BodyReader): void {
    this.#inner = new PartReader(reader, this.#range.first)
    this.#body.attach(this.#inner)
  }

  detach(_reader: BodyReader): void {
    if (this.#inner !== undefined) this.#body.detach(this.#inner)
    this.#inner = undefined
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    const left = this.length - reader.at
    if (left <= 0) return 'end'
    return this.#body.read(this.#inner!, Math.min(bytesMax, left))
  }

  progressed(): void {
    this.#body.progressed()
  }
}

/** A reader of the part, as the whole sees it. */
class PartReader implements BodyReader {
  readonly #reader: BodyReader
  readonly #first: number

  constructor(reader: BodyReader, first: number) {
    this.#reader = reader
    this.#first = first
  }

  get at(): number {
    return this.#first + this.#reader.at
  }

  wake(): void {
    this.#reader.wake()
  }
}
