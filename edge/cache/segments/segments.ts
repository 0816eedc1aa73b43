// Bodies that are too large for the index, in append-only files that all workers of a host share: each writes to its
// own, any reads any, whole files leave. This is the face of the folder; which body belongs to which entry, and when
// something must leave, is the store's.
import { mkdirSync } from 'node:fs'
import { nativeStatus } from '../../../native/index.js'
import { type StoreLog, storeError } from '../commit.js'
import { Checks } from './check.js'
import { Listing, listIds } from './directory.js'
import { evict, trimAbandoned } from './evict.js'
import { HeldBytes } from './held.js'
import { type Hold, ReaderHold } from './hold.js'
import type { Place, PlaceSoFar } from './place.js'
import { readCached, readWaiting } from './read.js'
import { Readers } from './readers.js'
import { seldom } from './seldom.js'
import { Space } from './space.js'
import { Writer } from './writer.js'
import type { Writing } from './writing.js'

export type { Hold } from './hold.js'
export { decodePlace, encodePlace, type Place, type PlaceSoFar } from './place.js'
export { sliceBytes } from './reserved.js'
export type { Writing } from './writing.js'

/** Unlinked segments are let go of within this time, and others' segments are seen. */
const sweepEveryMs = 1_000
/** The same trouble is told this often. */
const logEveryMs = 10_000

export interface SegmentsOptions {
  /** Only for segments; made when absent. All workers of the host give the same. */
  directory: string
  /** A segment with so much in it takes no further bodies. */
  segmentBytes: number
  /** Segments that stay open for reading though nobody holds them. */
  openReadersMax: number
  /** What all segments may take by now; absent: as much as they like. */
  capBytes?: () => number
  log: StoreLog
  /** This process made a segment; `status` counts it already. */
  onCreated?: () => void
  /** Monotonic, milliseconds; performance.now when absent. */
  now?: () => number
}

export interface SegmentsStatus {
  /** All segments in the directory, of all workers, and what they take of the disk; about a second old. */
  files: number
  bytes: number
  /** What this process keeps on the disk by reading segments that are not in the directory any more. */
  unlinkedBytes: number
  /** Open for reading in this process. */
  openReaders: number
}

export interface Segments {
  /**
   * A new body, of `promised` bytes if that is known. Undefined while nothing can be written: the disk is full or
   * fails, or all is closed; it becomes possible again by itself.
   */
  begin(promised: number | undefined): Writing | undefined
  /** Short bodies that are whole are written now. */
  hurry(): void
  /** Whether the segment can be read now; opens it. Never throws. */
  isThere(segment: number): boolean
  /**
   * The body from byte `from` on into `into`, as far as memory has it: the number of bytes, 0 only at its end; 'wait'
   * when the disk must be asked (`readLater`); undefined when there is no such body. Never throws.
   */
  read(place: PlaceSoFar, from: number, into: Uint8Array): number | 'wait' | undefined
  /** The same, waiting for the disk. Never rejects. */
  readLater(place: PlaceSoFar, from: number, into: Uint8Array): Promise<number | undefined>
  /** For a long read: a segment that was opened once stays readable until `release`, even when it is evicted. */
  hold(place: Pick<PlaceSoFar, 'segment'>): Hold
  /** Whether `check` must be asked before this body is used: it may be older than the last start of the machine. */
  needsCheck(place: Place): boolean
  /** Whether the body is what was written; quick for what was written since the machine started. Never rejects. */
  check(place: Place): Promise<boolean>
  /** The same, at once, waiting for the disk: for a body that is not long. */
  checkNow(place: Place): boolean
  /** Unlinks the oldest segments that nobody writes to, until `keepBytes` are left; their ids. Never rejects. */
  evictOldest(keepBytes: number): Promise<number[]>
  /** Never waits for the disk. */
  status(): SegmentsStatus
  /** Abandons what is being written; what is held stays open until it is released. */
  close(): Promise<void>
}

/** Throws what making the directory throws, and `native-absent`: without locks nothing could be shared. */
export function openSegments(options: SegmentsOptions): Segments {
  const native = nativeStatus()
  if (!native.isPresent) throw storeError('native-absent', `segments need the native addon: ${native.why}`)
  mkdirSync(options.directory, { recursive: true })
  return new SegmentFiles(options)
}

class SegmentFiles implements Segments {
  readonly #directory: string
  readonly #log: StoreLog
  readonly #readers: Readers
  readonly #writer: Writer
  readonly #listing: Listing
  readonly #held: HeldBytes
  readonly #checks: Checks
  readonly #timer: NodeJS.Timeout
  readonly #trimming: Promise<void>
  #isClosed = false

  constructor(options: SegmentsOptions) {
    const { directory, segmentBytes, openReadersMax: openMax, now = () => performance.now() } = options
    const log = seldom(options.log, logEveryMs, now)
    this.#directory = directory
    this.#log = log
    this.#listing = new Listing(directory)
    this.#readers = new Readers({ directory, openMax, log, now })
    const onCreated = (): void => {
      this.#listing.add(segmentBytes)
      options.onCreated?.()
    }
    const { capBytes = () => Number.POSITIVE_INFINITY } = options
    this.#held = new HeldBytes(directory, log)
    const space = new Space({ directory, capBytes, onShort: () => this.#letGo(), log })
    this.#writer = new Writer({ directory, segmentBytes, space, log, onCreated, now })
    this.#checks = new Checks((place, from, into) => this.readLater(place, from, into))
    this.#timer = setInterval(() => this.#sweep(), sweepEveryMs).unref()
    const found = listIds(directory)
    this.#trimming = found.length === 0 ? Promise.resolve() : this.#trim(found)
  }

  begin(promised: number | undefined): Writing | undefined {
    return this.#writer.begin(promised)
  }

  hurry(): void {
    this.#writer.hurry()
  }

  isThere(segment: number): boolean {
    return this.#readers.openedNow(segment) !== undefined
  }

  read(place: PlaceSoFar, from: number, into: Uint8Array): number | 'wait' | undefined {
    if (from >= place.bytes) return 0
    const reader = this.#readers.opened(place.segment)
    if (reader?.fd === undefined) return this.#isClosed ? undefined : 'wait'
    try {
      return readCached(reader.fd, place, from, into)
    } catch (error) {
      return this.#unreadable(place, error)
    }
  }

  async readLater(place: PlaceSoFar, from: number, into: Uint8Array): Promise<number | undefined> {
    if (from >= place.bytes) return 0
    const reader = this.#readers.hold(place.segment)
    try {
      const fd = await this.#readers.open(reader)
      return fd === undefined ? undefined : await readWaiting(fd, place, from, into)
    } catch (error) {
      return this.#unreadable(place, error)
    } finally {
      this.#readers.release(reader)
    }
  }

  hold({ segment }: Pick<PlaceSoFar, 'segment'>): Hold {
    return new ReaderHold(this.#readers, segment)
  }

  needsCheck(place: Place): boolean {
    if (place.bytes === 0 || this.#readers.opened(place.segment)?.isOfThisBoot) return false
    return !this.#checks.isKnownSound(place)
  }

  async check(place: Place): Promise<boolean> {
    const reader = this.#readers.hold(place.segment)
    try {
      if (place.bytes > 0 && (await this.#readers.open(reader)) === undefined) return false
      return !this.needsCheck(place) || (await this.#checks.run(place))
    } finally {
      this.#readers.release(reader)
    }
  }

  checkNow(place: Place): boolean {
    const reader = this.#readers.openedNow(place.segment)
    if (reader?.fd === undefined) return false
    try {
      return this.#checks.runNow(place, reader.fd)
    } catch (error) {
      this.#unreadable(place, error)
      return false
    }
  }

  async evictOldest(keepBytes: number): Promise<number[]> {
    const { ids, files } = await evict(this.#directory, keepBytes, this.#log)
    this.#listing.take(files)
    this.#sweep()
    return ids
  }

  status(): SegmentsStatus {
    this.#sweep()
    const { unlinkedBytes, openCount: openReaders } = this.#readers
    return { ...this.#listing.totals(), unlinkedBytes, openReaders }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#readers.close()
    await this.#writer.close()
    this.#held.close()
    await this.#trimming
  }

  async #trim(ids: readonly number[]): Promise<void> {
    await trimAbandoned(this.#directory, ids, this.#log)
    await this.#listing.refresh()
  }

  #sweep(): void {
    this.#letGo()
    this.#writer.sweep()
  }

  /** Of what is not in the directory any more all but what somebody reads; and says how much that is. */
  #letGo(): void {
    this.#readers.sweep()
    this.#held.set(this.#readers.unlinkedBytes)
  }

  #unreadable(place: PlaceSoFar, error: unknown): undefined {
    this.#log('warn', 'a body could not be read', { segment: place.segment, error })
    return undefined
  }
}
