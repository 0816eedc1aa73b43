// The body of an object in blocks, whole or some parts of it with other bytes around them, as one client reads it: block
// after block, out of the store or as it comes, the next one asked for while one is read.
import type { Body, BodyReader, Piece } from '../cache/body.js'
import { type Part, PlacedBody } from '../cache/placed-body.js'
import { blockIndex, blockRange } from '../cache/slices.js'
import type { EdgeError } from '../error.js'
import { ComingSource } from './coming-source.js'
import { type SlicedObject, storedBlock } from './object.js'

/** One block, wherever it is. */
export interface BlockSource {
  read(reader: BodyReader, bytesMax: number): Piece
  progressed(): void
  close(): void
  /** Why it is `broken`, when that is known; then it is no use to ask for it again. */
  readonly error?: EdgeError | undefined
  /** False when it goes by without being stored. */
  readonly isKept?: boolean
}

/** So often a block that broke is asked for again. */
const retriesMax = 2
/** So many of its blocks are looked up to say whether all are there. */
const lookedMax = 32

export class SlicedBody implements Body {
  readonly length: number
  /** Why it is broken. */
  error: EdgeError | undefined
  readonly #object: SlicedObject
  readonly #parts: readonly Part[]
  #reader: BodyReader | undefined
  readonly #inner: { at: number; wake(): void } = { at: 0, wake: () => this.#reader?.wake() }
  #source: BlockSource | undefined
  #index = -1
  #aheadOf = -1
  #retries = 0

  constructor(object: SlicedObject, parts: readonly Part[]) {
    this.#object = object
    this.#parts = parts
    this.length = parts.reduce((sum, part) => sum + bytesOf(part), 0)
  }

  /** Whether a block is missing among the first ones that will be read. Ends the views of the store. */
  isPartial(): boolean {
    let looked = 0
    for (const part of this.#parts) {
      if (part instanceof Uint8Array) continue
      const { map } = this.#object
      for (let at = blockIndex(map, part.first); at <= blockIndex(map, part.last); at += 1) {
        if (storedBlock(this.#object, at) === undefined) return true
        looked += 1
        if (looked === lookedMax) return false
      }
    }
    return false
  }

  /** The one reader; another one takes its place. */
  attach(reader: BodyReader): void {
    this.#reader = reader
  }

  detach(_reader: BodyReader): void {
    this.#reader = undefined
    this.#source?.close()
    this.#source = undefined
    this.#index = -1
  }

  progressed(): void {
    this.#source?.progressed()
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    let start = 0
    for (const part of this.#parts) {
      const at = reader.at - start
      const left = bytesOf(part) - at
      if (left > 0) {
        if (part instanceof Uint8Array) return part.subarray(at, at + bytesMax)
        return this.#readAt(part.first + at, Math.min(bytesMax, left), part.last)
      }
      start += bytesOf(part)
    }
    return 'end'
  }

  #readAt(position: number, bytesMax: number, partLast: number): Piece {
    const { map } = this.#object
    const index = blockIndex(map, position)
    if (index !== this.#index) this.#open(index)
    const { first, last } = blockRange(map, index)
    this.#inner.at = position - first
    const wanted = Math.min(bytesMax, last - position + 1)
    for (;;) {
      const source = this.#source!
      const piece = source.read(this.#inner, wanted)
      if (piece !== 'broken' && piece !== 'end') {
        if (piece !== 'later') this.#lookAhead(source, index, partLast)
        return piece
      }
      this.error = source.error
      this.#retries += 1
      if (this.error !== undefined || this.#retries > retriesMax) return 'broken'
      this.#open(index)
    }
  }

  #open(index: number): void {
    this.#source?.close()
    if (index !== this.#index) this.#retries = 0
    this.#index = index
    this.#source = this.#sourceOf(index)
  }

  /** Once for each block, when it is there: what is not kept is not to be asked for before it is read. */
  #lookAhead(source: BlockSource, index: number, partLast: number): void {
    if (this.#aheadOf === index) return
    this.#aheadOf = index
    const next = blockRange(this.#object.map, index).last + 1
    if (next <= partLast && source.isKept !== false) this.#fetchAhead(index + 1)
  }

  #sourceOf(index: number): BlockSource {
    const { edge, map } = this.#object
    const stored = storedBlock(this.#object, index)
    if (stored === undefined) return new ComingSource(edge.slices.fetch(this.#object, index), this.#inner)
    // A small one is a view of the store.
    if (stored.isAtHand) return new BytesSource(stored.loaded ?? Buffer.from(stored.body))
    const { first, last } = blockRange(map, index)
    return new PlacedBody(edge.store.bodies!, stored.place!, [{ first: 0, last: last - first }])
  }

  #fetchAhead(index: number): void {
    const { edge } = this.#object
    if (edge.slices.isComing(this.#object, index)) return
    if (storedBlock(this.#object, index) === undefined) edge.slices.fetch(this.#object, index)
  }
}

class BytesSource implements BlockSource {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read({ at }: BodyReader, bytesMax: number): Piece {
    return this.#bytes.subarray(at, at + bytesMax)
  }

  progressed(): void {}
  close(): void {}
}

function bytesOf(part: Part): number {
  return part instanceof Uint8Array ? part.length : part.last - part.first + 1
}
