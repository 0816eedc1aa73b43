// Which entries have their bodies in which segment. The index knows an entry by its key and by the time it was stored, not by
// its segment; so the keeper reads the order of storing once, forward, as far as the segments that leave need it, and
// remembers what lies in those that come next.
import { type Databases, readRecord } from '../cache/databases.js'
import { decodeEntry } from '../cache/entry.js'
import { orderKey, splitOrderKey } from '../cache/key-bytes.js'
import type { SegmentFile } from '../cache/segments/directory.js'
import type { Place } from '../cache/segments/segments.js'

/** An entry whose body lies in a segment. */
export interface Lodger {
  stored: string
  stampMs: number
  bytes: number
}

export interface LodgersOptions {
  databases: () => Databases
  /** So many write at the same time: what lies in their segments stands side by side in the order. */
  workers: number
  /** So many are remembered at most, about; what is not remembered leaves the index after its segment (strays.ts). */
  lodgersMax?: number
  /** Wall clock, milliseconds; Date.now when absent. */
  now?: () => number
}

/** Entries looked at in one turn of the loop. */
const pieceEntries = 256
/** A segment of the largest size holds 65,536 bodies of 4 KiB. */
const lodgersMin = 150_000
const lodgersPerWorker = 20_000
/** What is stored later than this with an earlier time than others is not seen: commits of several workers overlap. */
const commitLagMs = 500
/** An entry is committed after its body was written; and clocks are not exact. */
export const commitSlackMs = 1_000

export class Lodgers {
  readonly #options: LodgersOptions
  readonly #bySegment = new Map<number, Lodger[]>()
  /** Where in the order to go on; undefined until the first reading says where to begin. */
  #next: string | undefined
  #nextMs = 0
  /** What was stored before was not looked at. */
  #beganMs = 0
  #count = 0

  constructor(options: LodgersOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  /**
   * Those of a segment that was written to between the two times, and whether that is all of them; they are forgotten here.
   * Rejects with what lmdb says.
   */
  async take(segment: number, fromMs: number, toMs: number): Promise<{ lodgers: Lodger[]; isAll: boolean }> {
    const seenMs = this.#now() - commitLagMs
    // With a clock that was set back, what is stored now would lie behind.
    if (this.#next === undefined || this.#nextMs > this.#now()) {
      this.#next = orderKey(fromMs, '')
      this.#beganMs = fromMs
    }
    const isRead = await this.#readUntil(orderKey(Math.min(toMs, seenMs), ''))
    return { lodgers: this.#forget(segment), isAll: isRead && toMs <= seenMs && fromMs >= this.#beganMs }
  }

  /** Of all the segments, oldest first: what lies in others is not asked for any more. */
  retain(files: readonly SegmentFile[]): void {
    const there = new Set(files.map(({ id }) => id))
    const newest = files.at(-1)?.id ?? 0
    // Ids only grow: one that is larger than all that were listed may have come since.
    for (const id of this.#bySegment.keys()) if (id < newest && !there.has(id)) this.#forget(id)
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }

  #forget(segment: number): Lodger[] {
    const lodgers = this.#bySegment.get(segment) ?? []
    this.#bySegment.delete(segment)
    this.#count -= lodgers.length
    return lodgers
  }

  /** False when there would be too many. */
  async #readUntil(end: string): Promise<boolean> {
    const { workers, lodgersMax = lodgersMin + lodgersPerWorker * workers } = this.#options
    while (this.#count < lodgersMax) {
      if (!this.#readPiece(end)) return true
      await new Promise(resolve => setImmediate(resolve))
    }
    return false
  }

  /** Whether there is more to read. */
  #readPiece(end: string): boolean {
    const databases = this.#options.databases()
    databases.root.resetReadTxn()
    const keys = [...databases.order.getKeys({ start: this.#next!, end, limit: pieceEntries })]
    for (const key of keys) {
      const place = splitOrderKey(key)
      this.#add(databases, place)
      this.#nextMs = place.stampMs
    }
    if (keys.length > 0) this.#next = `${keys.at(-1)!}\0`
    return keys.length === pieceEntries
  }

  #add(databases: Databases, { stored, stampMs }: Omit<Lodger, 'bytes'>): void {
    const place = placeOf(readRecord(databases, stored, stampMs))
    if (place === undefined) return
    const lodgers = this.#bySegment.get(place.segment)
    const lodger = { stored, stampMs, bytes: place.bytes }
    if (lodgers === undefined) this.#bySegment.set(place.segment, [lodger])
    else lodgers.push(lodger)
    this.#count += 1
  }
}

/** Where the body of the record lies; undefined when there is none that lies elsewhere. */
export function placeOf(record: Buffer | undefined): Place | undefined {
  const entry = record && decodeEntry(record)
  return entry?.kind === 'response' ? entry.place : undefined
}
