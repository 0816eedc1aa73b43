// How readers get bytes out of a segment: at once what memory has, else when the disk has brought it. Nothing stays in
// memory for a reader that waits for its client.
import type { BodyReader, Piece } from './body.js'
import type { Hold, PlaceSoFar, Segments } from './segments/segments.js'

/** What is read at once: as much as is handed to a connection at once. */
export const pieceBytesMax = 64 * 1024

/** What was read last; valid until the next reading of anybody in this process. */
const scratch = Buffer.allocUnsafeSlow(pieceBytesMax)

/** How many wait for the disk at once, with a buffer each (`limits.diskReadsMax`). */
export class DiskReads {
  readonly #max: number
  readonly #waiting: (() => Promise<void>)[] = []
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Calls `read`, now or when others are done; it never rejects. */
  add(read: () => Promise<void>): void {
    if (this.#running < this.#max) void this.#run(read)
    else this.#waiting.push(read)
  }

  async #run(read: () => Promise<void>): Promise<void> {
    this.#running += 1
    for (let next: typeof read | undefined = read; next !== undefined; next = this.#waiting.shift()) {
      await next()
    }
    this.#running -= 1
  }
}

/** The store's bodies, and who may wait for the disk to bring one. */
export interface Bodies {
  readonly segments: Segments
  readonly reads: DiskReads
  /** How long a segment that is gone may be read by who has begun before. */
  readonly evictedReadMaxMs: number
}

interface Waiting {
  at: number
  /** `reading` until it is there. */
  bytes: Uint8Array | 'reading' | 'broken'
}

/** The readers of one body. */
export class SegmentReads {
  readonly #bodies: Bodies
  readonly #hold: Hold
  readonly #waiting = new Map<BodyReader, Waiting>()

  /** The segment stays readable until `close`, wherever it goes. */
  constructor(bodies: Bodies, place: PlaceSoFar) {
    this.#bodies = bodies
    this.#hold = bodies.segments.hold(place)
  }

  /** From byte `at` of what `place` has by now on; at least one byte must be there. */
  read(place: PlaceSoFar, at: number, bytesMax: number, reader: BodyReader): Piece {
    if (this.#isOverdue()) return 'broken'
    const waiting = this.#waiting.get(reader)
    if (waiting !== undefined && waiting.bytes !== 'reading') this.#waiting.delete(reader)
    if (waiting?.at === at) {
      if (typeof waiting.bytes !== 'string') return waiting.bytes
      return waiting.bytes === 'reading' ? 'later' : 'broken'
    }
    const wanted = Math.min(bytesMax, pieceBytesMax)
    const got = this.#bodies.segments.read(place, at, scratch.subarray(0, wanted))
    if (got !== 'wait') return got ? scratch.subarray(0, got) : 'broken'
    this.#readLater(place, at, wanted, reader)
    return 'later'
  }

  /** Fills `into` from byte `at` on; false when memory has not all of that, for which nothing is begun. */
  readCached(place: PlaceSoFar, at: number, into: Uint8Array): boolean {
    return !this.#isOverdue() && this.#bodies.segments.read(place, at, into) === into.length
  }

  forget(reader: BodyReader): void {
    this.#waiting.delete(reader)
  }

  close(): void {
    this.#waiting.clear()
    this.#hold.release()
  }

  #isOverdue(): boolean {
    const { goneSinceMs } = this.#hold
    return goneSinceMs !== undefined && performance.now() - goneSinceMs > this.#bodies.evictedReadMaxMs
  }

  #readLater(place: PlaceSoFar, at: number, wanted: number, reader: BodyReader): void {
    const waiting: Waiting = { at, bytes: 'reading' }
    this.#waiting.set(reader, waiting)
    this.#bodies.reads.add(async () => {
      const isWanted = (): boolean => this.#waiting.get(reader) === waiting
      if (!isWanted()) return
      const into = Buffer.allocUnsafeSlow(wanted)
      const got = await this.#bodies.segments.readLater(place, at, into)
      if (!isWanted()) return
      waiting.bytes = got ? into.subarray(0, got) : 'broken'
      reader.wake()
      // Who did not take it now reads it again: the system has it at hand.
      if (isWanted()) this.#waiting.delete(reader)
    })
  }
}
