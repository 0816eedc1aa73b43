// One body on its way into its segment: its bytes are copied as they come, and written in the background, one write at
// a time, each as much as has come and lies in one piece. Where they go is reserved.ts's; which segment it is, and what
// follows from a failure, writer.ts's.
import { write, writev } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { EdgeError } from '../../error.js'
import { storeError } from '../commit.js'
import { Pages } from '../pages.js'
import { explain } from './failure.js'
import type { Place, PlaceSoFar } from './place.js'
import { extentBytesMin, Reserved } from './reserved.js'
import type { OpenSegment } from './segment.js'

/** More waiting bytes than this, and the origin should wait. */
const behindBytesMax = 256 * 1024
/** One write takes no more pieces than this. */
const partsMax = 64
/** A whole body of at most this is written together with others. */
const batchedBytesMax = 64 * 1024

/** `whole`: all is written; `broken`: writing failed; `abandoned`: nobody wants it. */
export type WritingState = 'open' | 'finishing' | 'whole' | 'broken' | 'abandoned'

/** Told once, when the writing is over and nothing of it is under way; with an error when writing failed. */
export type OnOver = (writing: Writing, error: EdgeError | undefined) => void

interface Finish {
  resolve: (place: Place) => void
  reject: (error: EdgeError) => void
}

export class Writing {
  /** The id of its segment. */
  readonly segment: number
  /** More of it can be read by others (`written`). */
  onGrow: (() => void) | undefined = undefined
  /** Called once it is not behind any more, after `append` returned false. */
  onRoom: (() => void) | undefined = undefined
  /** It broke before `finish` was called, which would give the same error. */
  onBroken: ((error: EdgeError) => void) | undefined = undefined

  readonly #file: OpenSegment
  readonly #reserved: Reserved
  readonly #pages: Pages
  readonly #onOver: OnOver
  #state: WritingState = 'open'
  #written = 0
  #crc = 0
  #isUnderWay = false
  #isScheduled = false
  #isAwaited = false
  #finish: Finish | undefined
  #error: EdgeError | undefined

  /** `promised`: the length, when it is known. */
  constructor(file: OpenSegment, promised: number | undefined, onOver: OnOver) {
    this.segment = file.id
    this.#file = file
    this.#onOver = onOver
    this.#reserved = new Reserved(file, promised)
    this.#pages = new Pages(promised === undefined ? undefined : Math.min(promised, extentBytesMin))
    file.enter()
  }

  get state(): WritingState {
    return this.#state
  }

  /** Bytes that came. */
  get appended(): number {
    return this.#pages.bytes
  }

  /** Bytes that anybody can read, in any process. */
  get written(): number {
    return this.#written
  }

  /** CRC-32 of all that came. */
  get crc(): number {
    return this.#crc
  }

  /** Too much waits to be written: the origin should wait. */
  get isBehind(): boolean {
    return this.appended - this.#written > behindBytesMax
  }

  /** Copies the chunk. False asks to wait for `onRoom`; after the end nothing is taken any more. */
  append(chunk: Uint8Array): boolean {
    if (this.#state !== 'open' || chunk.length === 0) return true
    this.#pages.append(chunk)
    this.#crc = crc32(chunk, this.#crc)
    this.#schedule()
    if (!this.isBehind) return true
    this.#isAwaited = true
    return false
  }

  /** A view of what came and is not written yet, from `at` on; undefined when that is written, or has not come. */
  waitingFrom(at: number): Buffer | undefined {
    return this.#pages.read(at)
  }

  /** What others can read by now. */
  placeSoFar(): PlaceSoFar {
    return { segment: this.segment, extents: this.#reserved.upTo(this.#written), bytes: this.#written }
  }

  /** Nothing follows. Resolves when all is written; rejects with `store-full` or `store-failed`. */
  finish(): Promise<Place> {
    if (this.#state !== 'open') return Promise.reject(this.#reason())
    this.#state = 'finishing'
    return new Promise((resolve, reject) => {
      this.#finish = { resolve, reject }
      this.#advance()
    })
  }

  /** It will not be complete. What was written stays where it is, a hole: somebody may still be reading it. */
  abandon(): void {
    if (this.#isRunning) this.#end('abandoned')
  }

  get #isRunning(): boolean {
    return this.#state === 'open' || this.#state === 'finishing'
  }

  /** After what the caller does in this turn, so that head and first bytes are one write. */
  #schedule(): void {
    if (this.#isScheduled || this.#isUnderWay) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#isUnderWay || !this.#isRunning) return
    if (this.#written < this.appended) this.#write(this.appended - this.#written)
    else if (this.#state === 'finishing') this.#complete()
  }

  #write(waiting: number): void {
    const reserved = this.#reserved
    if (reserved.roomAfter(this.#written) === 0 && !reserved.reserve(waiting, this.#state === 'finishing')) {
      return this.#break(storeError('store-full', 'the cache has no room for the rest of a body'))
    }
    const parts = this.#gather(Math.min(reserved.roomAfter(this.#written), waiting))
    const offset = reserved.offsetOf(this.#written)
    const done = (error: Error | null, bytes: number): void => this.#wrote(error, bytes)
    this.#isUnderWay = true
    const isShortAndWhole = this.#state === 'finishing' && waiting <= batchedBytesMax && this.#written === 0
    if (isShortAndWhole && parts.length === 1 && parts[0]!.length === waiting)
      this.#file.batch.add(parts[0]!, offset, done)
    else if (parts.length === 1) write(this.#file.fd, parts[0], 0, parts[0].length, offset, done)
    else writev(this.#file.fd, parts, offset, done)
  }

  #gather(bytes: number): Buffer[] {
    const parts: Buffer[] = []
    for (let taken = 0; taken < bytes && parts.length < partsMax; ) {
      const part = this.#pages.read(this.#written + taken)!.subarray(0, bytes - taken)
      parts.push(part)
      taken += part.length
    }
    return parts
  }

  #wrote(error: Error | null, bytes: number): void {
    this.#isUnderWay = false
    // Only the descriptor was needed until now.
    if (!this.#isRunning) return this.#leave(undefined)
    if (error !== null || bytes === 0) return this.#break(explain(error))
    this.#written += bytes
    this.#pages.dropBefore(this.#written)
    this.onGrow?.()
    if (this.#isAwaited && !this.isBehind) {
      this.#isAwaited = false
      this.onRoom?.()
    }
    this.#advance()
  }

  #complete(): void {
    this.#reserved.close(this.#written)
    this.#state = 'whole'
    const { segment, extents, bytes } = this.placeSoFar()
    this.#finish!.resolve({ segment, extents, bytes, crc: this.#crc })
    this.#leave(undefined)
  }

  #break(error: EdgeError): void {
    this.#error = error
    this.#end('broken')
    this.#leave(error)
  }

  #reason(): EdgeError {
    return this.#error ?? storeError('store-failed', 'the writing is over')
  }

  #end(state: 'broken' | 'abandoned'): void {
    this.#state = state
    if (this.#finish !== undefined) this.#finish.reject(this.#reason())
    else if (state === 'broken') this.onBroken?.(this.#reason())
    if (state === 'abandoned' && !this.#isUnderWay) this.#leave(undefined)
  }

  #leave(error: EdgeError | undefined): void {
    // Whoever reads what was abandoned reads no further than `written`: the rest can be another's.
    this.#reserved.close(this.#written)
    this.#onOver(this, error)
    this.#file.leave()
  }
}
