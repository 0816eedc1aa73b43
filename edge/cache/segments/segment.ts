// One segment that this worker writes to: who gets which extent of it, and when it is closed. The bytes are written by
// writing.ts; the lock that tells others not to evict it was taken in create.ts, and closing the file lets go of it.
import { close, fstat, ftruncate } from 'node:fs'
import { allocate } from '../../../native/index.js'
import type { StoreLog } from '../commit.js'
import type { NewSegment } from './create.js'
import { headerBytes } from './header.js'
import type { Space } from './space.js'
import { WriteBatch } from './write-batch.js'

export interface SegmentOptions {
  bytesMax: number
  /** Of which more is taken when a body goes on beyond that. */
  space: Pick<Space, 'with'>
  log: StoreLog
  /** Its file is closed. */
  onClosed: (segment: OpenSegment) => void
}

/** `open`: takes new writings; `full`: waits for those that run; `closed`: nobody may use the descriptor any more. */
type SegmentState = 'open' | 'full' | 'closed'

export class OpenSegment {
  readonly id: number
  readonly fd: number
  /** Where short bodies are written together. */
  readonly batch: WriteBatch
  readonly #options: SegmentOptions
  #state: SegmentState = 'open'
  /** Where the next extent begins. */
  #end = headerBytes
  #running = 0

  constructor({ id, fd }: NewSegment, options: SegmentOptions) {
    this.id = id
    this.fd = fd
    this.batch = new WriteBatch(fd)
    this.#options = options
  }

  /** For a new writing that begins with so many bytes. One larger than a whole segment gets one for itself. */
  hasRoom(bytes: number): boolean {
    if (this.#state !== 'open') return false
    return this.#end + bytes <= this.#options.bytesMax || this.#end === headerBytes
  }

  /**
   * Where `bytes` may be written. A writing that has begun here goes on here, also beyond `bytesMax`: a body is in one
   * segment. That much it may exceed it; undefined when the cache has no room for that.
   */
  reserve(bytes: number): number | undefined {
    const offset = this.#end
    const beyond = Math.min(offset + bytes - this.#options.bytesMax, bytes)
    if (beyond > 0 && !this.#grow(offset + bytes - beyond, beyond)) return undefined
    this.#end += bytes
    return offset
  }

  #grow(offset: number, bytes: number): boolean {
    const { space, log } = this.#options
    // Taken at once, so that it counts for all who look from now on.
    const take = (): true => {
      allocate(this.fd, offset, bytes, { keepSize: true })
      return true
    }
    try {
      return space.with(bytes, take) === true
    } catch (error) {
      log('warn', 'a segment could not grow', { segment: this.id, error })
      return false
    }
  }

  /** The last `bytes` before `end` were reserved but never written, and nobody was told of them. */
  giveBack(end: number, bytes: number): void {
    if (end === this.#end) this.#end -= bytes
  }

  /** A writing begins; it must `leave`, with no write under way. */
  enter(): void {
    this.#running += 1
  }

  leave(): void {
    this.#running -= 1
    this.#closeIfDone()
  }

  /** Takes no new writings, and is closed when those that run have ended. */
  retire(): void {
    if (this.#state !== 'open') return
    this.#state = 'full'
    this.#closeIfDone()
  }

  #closeIfDone(): void {
    if (this.#state !== 'full' || this.#running > 0) return
    this.#state = 'closed'
    this.#trim(() =>
      close(this.fd, error => {
        this.#say(error)
        this.#options.onClosed(this)
      }),
    )
  }

  /** Gives the file system back what was reserved behind the last byte. */
  #trim(done: () => void): void {
    fstat(this.fd, (statError, status) => {
      this.#say(statError)
      if (statError !== null) return done()
      ftruncate(this.fd, status.size, error => {
        this.#say(error)
        done()
      })
    })
  }

  #say(error: Error | null | undefined): void {
    if (error === null || error === undefined) return
    this.#options.log('warn', 'a segment could not be closed as it should', { segment: this.id, error })
  }
}
