// The writing side of one worker: one segment that takes new bodies, those before it until their last writing is over,
// and a pause when the disk is full or fails. The evictor of another process sees by their locks that they are in use.
import { fstatSync } from 'node:fs'
import type { EdgeError } from '../../error.js'
import type { StoreLog } from '../commit.js'
import { createSegment } from './create.js'
import { explain } from './failure.js'
import { firstExtentBytes } from './reserved.js'
import { OpenSegment } from './segment.js'
import type { Space } from './space.js'
import { Writing } from './writing.js'

/** After a failure nothing is begun for so long: a full disk is not asked again at every response. */
const pauseMs = 1_000
/** The same when the cache has no room, which whoever writes is about to give up some of. */
const noRoomPauseMs = 100

export interface WriterOptions {
  directory: string
  segmentBytes: number
  space: Pick<Space, 'with' | 'free'>
  log: StoreLog
  /** A segment was made. */
  onCreated: () => void
  /** Monotonic, milliseconds. */
  now: () => number
}

export class Writer {
  readonly #options: WriterOptions
  readonly #segments = new Set<OpenSegment>()
  readonly #writings = new Set<Writing>()
  #current: OpenSegment | undefined
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #onAllClosed: (() => void) | undefined
  #isClosed = false

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Undefined while nothing can be written. */
  begin(promised: number | undefined): Writing | undefined {
    if (this.#isClosed || this.#options.now() < this.#pausedUntilMs) return undefined
    const segment = this.#segmentFor(firstExtentBytes(promised))
    if (segment === undefined) return undefined
    const writing = new Writing(segment, promised, (over, error) => this.#over(over, error))
    this.#writings.add(writing)
    return writing
  }

  /** What waits to be written with others is not to wait. */
  hurry(): void {
    for (const { batch } of this.#segments) batch.flush()
  }

  /** What others have unlinked, or the whole directory, would lose every body that is still written to it. */
  sweep(): void {
    for (const segment of this.#segments) if (isUnlinked(segment.fd)) this.#retire(segment)
  }

  /** Abandons what is not at its end; resolves when the others are written and no file is open any more. */
  close(): Promise<void> {
    this.#isClosed = true
    for (const writing of [...this.#writings]) if (writing.state === 'open') writing.abandon()
    if (this.#current !== undefined) this.#retire(this.#current)
    if (this.#segments.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#onAllClosed = resolve
    })
  }

  #segmentFor(bytes: number): OpenSegment | undefined {
    if (this.#current?.hasRoom(bytes)) return this.#current
    if (this.#current !== undefined) this.#retire(this.#current)
    const { directory, segmentBytes, log, space } = this.#options
    try {
      const made = space.with(segmentBytes, () => createSegment(directory, segmentBytes))
      if (made === undefined) return this.#noRoom()
      const onClosed = (closed: OpenSegment): void => this.#closed(closed)
      this.#current = new OpenSegment(made, { bytesMax: segmentBytes, space, log, onClosed })
    } catch (error) {
      this.#failed(explain(error))
      return undefined
    }
    this.#segments.add(this.#current)
    this.#options.onCreated()
    return this.#current
  }

  #noRoom(): undefined {
    this.#pausedUntilMs = this.#options.now() + noRoomPauseMs
    this.#options.log('warn', 'bodies are not stored for a moment: all segments are being written', {})
  }

  #retire(segment: OpenSegment): void {
    if (this.#current === segment) this.#current = undefined
    segment.retire()
  }

  #over(writing: Writing, error: EdgeError | undefined): void {
    this.#writings.delete(writing)
    if (error === undefined) return
    this.#failed(error)
    // A new segment shows whether the disk still fails.
    if (this.#current?.id === writing.segment) this.#retire(this.#current)
  }

  #failed(error: EdgeError): void {
    const { log, now, space, segmentBytes } = this.#options
    this.#pausedUntilMs = now() + pauseMs
    log('warn', 'bodies are not stored for a while', { code: error.code, error })
    // Else a disk that is smaller than the cap would keep what is old for ever.
    if (error.code === 'store-full') space.free(segmentBytes)
  }

  #closed(segment: OpenSegment): void {
    this.#segments.delete(segment)
    if (this.#segments.size === 0) this.#onAllClosed?.()
  }
}

function isUnlinked(fd: number): boolean {
  try {
    return fstatSync(fd).nlink === 0
  } catch {
    // A descriptor that is none any more cannot be written to either.
    return true
  }
}
