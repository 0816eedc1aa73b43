// The body of a fill that another worker leads: read out of the segment it writes, as far as its log says. It is over when
// its leader says so, or is gone.
import type { BodyReader, Piece } from '../cache/body.js'
import { decodeEntry, type ResponseEntry } from '../cache/entry.js'
import { type Bodies, SegmentReads } from '../cache/segment-reads.js'
import type { RunningBody } from './collapse.js'
import type { FillLogReader } from './fill-log.js'

export class RemoteFill implements RunningBody {
  readonly length: number | undefined
  readonly variant: string
  readonly #log: FillLogReader
  readonly #head: ResponseEntry | undefined
  readonly #reads: SegmentReads
  readonly #readers = new Set<BodyReader>()
  #isOver = false
  #isBroken = false

  constructor(log: FillLogReader, bodies: Bodies) {
    this.#log = log
    this.length = log.head.length
    this.variant = log.head.variant
    this.#reads = new SegmentReads(bodies, log.place)
    const entry = decodeEntry(Buffer.from(log.head.record))
    this.#head = entry?.kind === 'response' ? entry : undefined
    // Open from now on, so that it stays readable wherever it goes.
    this.#isBroken = !bodies.segments.isThere(log.head.segment) || this.#head === undefined
    this.wake()
  }

  /** The head, as an entry without a body. Only of one that `isReadable`. */
  head(): ResponseEntry {
    if (this.#head === undefined) throw new Error('the head of a fill cannot be read')
    return this.#head
  }

  get isReadable(): boolean {
    return !this.#isBroken && this.#log.progress !== 'broken'
  }

  /** Its leader has said more. */
  wake(): void {
    try {
      this.#log.readOn()
    } catch {
      // Whatever it is, nobody gets any further with it.
      this.#isBroken = true
    }
    for (const reader of [...this.#readers]) reader.wake()
  }

  /** Its leader says no more: what is not whole by now never will be. */
  over(): void {
    this.wake()
    this.#isOver = true
    if (this.#log.progress === 'open') {
      this.#isBroken = true
      for (const reader of [...this.#readers]) reader.wake()
    }
    this.#closeIfDone()
  }

  attach(reader: BodyReader): void {
    this.#readers.add(reader)
  }

  detach(reader: BodyReader): void {
    if (!this.#readers.delete(reader)) return
    this.#reads.forget(reader)
    this.#closeIfDone()
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    const { place, progress } = this.#log
    if (!this.isReadable) return 'broken'
    const left = place.bytes - reader.at
    if (left <= 0) return progress === 'whole' ? 'end' : 'later'
    return this.#reads.read(place, reader.at, Math.min(bytesMax, left), reader)
  }

  progressed(): void {}

  #closeIfDone(): void {
    if (!this.#isOver || this.#readers.size > 0) return
    this.#log.close()
    this.#reads.close()
  }
}
