// The cache on disk: heads and small bodies in the index (lmdb.ts), all other bodies in segments. An entry whose body is
// not there any more is absent. Who writes bodies is admit.ts and fill.ts; what a segment is segments/'s.
import { join } from 'node:path'
import { nativeStatus } from '../../native/index.js'
import { openSightings, type Sightings } from '../shared/open-sightings.js'
import type { StoreLog } from './commit.js'
import type { Entry, ResponseEntry } from './entry.js'
import type { HotEntry } from './hot.js'
import { openIndex } from './late-index.js'
import type { LmdbStore, LmdbStoreOptions } from './lmdb-store.js'
import type { PurgeNews } from './purges/log.js'
import { type Bodies, DiskReads } from './segment-reads.js'
import { segmentsCapOf } from './segments/cap.js'
import { openSegments, type Place, type Segments } from './segments/segments.js'
import { indexBytesMaxOf, keptBytesOf, segmentBytesOf, segmentsBytesMaxOf } from './segments/sizes.js'
import type { Store, StoreStatus } from './store.js'

export interface BodiedStoreOptions extends LmdbStoreOptions {
  /** Bodies that wait for the disk at once. */
  diskReadsMax: number
  /** See `Bodies`. */
  evictedReadMaxMs: number
  /** Closing does not wait longer than this for a disk that does not answer. */
  closeTimeoutMs: number
  /** Of this cache: what the keeper keeps free depends on it. */
  workers: number
}

/** All segments of a cache may stay open; it has no more than about 128. */
const openReadersMax = 512
/** Segments are counted this often, and whenever one is made. */
const countEveryMs = 1_000
/** After the machine went down a body is checked before its first use: up to this length at once, else on the side. */
const checkedNowBytesMax = 1024 * 1024

/** Without the native addon all bodies are in the index, and small. */
export function openStore(options: BodiedStoreOptions): Store {
  const { bytesMax, log } = options
  const native = nativeStatus()
  if (!native.isPresent) {
    log('warn', 'large bodies are not stored: the native addon is not there', { why: native.why })
    return withoutBodies(openIndex(options))
  }
  const index = openIndex({ ...options, bytesMax: indexBytesMaxOf(bytesMax) })
  return new BodiedStore(index, options)
}

/** What was stored while the addon was there stays until it is again: its bodies cannot be read now. */
function withoutBodies(index: LmdbStore): Store {
  return {
    get(key, nowMs) {
      const entry = index.get(key, nowMs)
      return entry?.kind === 'response' && entry.place !== undefined ? undefined : entry
    },
    invalidated: index.invalidated,
    refresh: keys => index.refresh(keys),
    readPurges: after => index.readPurges(after),
    hurry: () => index.hurry(),
    put: (key, record) => index.put(key, record),
    remove: key => index.remove(key),
    status: () => index.status(),
    close: () => index.close(),
  }
}

class BodiedStore implements Store {
  readonly bodies: Bodies
  readonly #index: LmdbStore
  readonly #segments: Segments
  readonly #log: StoreLog
  readonly #segmentsBytesMax: number
  readonly #closeTimeoutMs: number
  readonly #timer: NodeJS.Timeout
  readonly #sightings: Sightings | undefined
  /** Above this something has to leave soon for what comes. */
  readonly #roomyBytes: number
  #evicting: Promise<unknown> | undefined
  /** Something has to leave soon for what comes. */
  #isFull = false

  constructor(index: LmdbStore, options: BodiedStoreOptions) {
    const { directory, bytesMax, diskReadsMax, evictedReadMaxMs, closeTimeoutMs, workers, log } = options
    this.#index = index
    this.#log = log
    this.#closeTimeoutMs = closeTimeoutMs
    this.#segmentsBytesMax = segmentsBytesMaxOf(bytesMax)
    this.#segments = openSegments({
      directory: join(directory, 'segments'),
      segmentBytes: segmentBytesOf(bytesMax),
      openReadersMax,
      capBytes: () => segmentsCapOf(directory, bytesMax),
      log,
      onCreated: () => this.#evict(),
    })
    this.bodies = { segments: this.#segments, reads: new DiskReads(diskReadsMax), evictedReadMaxMs }
    this.#roomyBytes = keptBytesOf(bytesMax, workers) - 2 * segmentBytesOf(bytesMax)
    this.#sightings = sightingsOf(directory, bytesMax, log)
    this.#timer = setInterval(() => this.#evict(), countEveryMs).unref()
  }

  get(key: string, nowMs?: number): Entry | undefined {
    const entry = this.#index.get(key, nowMs)
    if (entry?.kind !== 'response' || entry.place === undefined || entry.loaded !== undefined) return entry
    if (!this.#isSound(key, entry, entry.place)) return undefined
    if (entry.isLoadable) this.#load(entry, entry.place)
    return entry
  }

  get reads(): Store['reads'] {
    return this.#index.reads
  }

  get invalidated(): Store['invalidated'] {
    return this.#index.invalidated
  }

  get changes(): Store['changes'] {
    return this.#index.changes
  }

  get hot(): Store['hot'] {
    return this.#index.hot
  }

  used(held: HotEntry): void {
    this.#index.used?.(held)
  }

  refresh(keys?: readonly string[]): void {
    this.#index.refresh(keys)
  }

  readPurges(after: number): PurgeNews | undefined {
    return this.#index.readPurges(after)
  }

  hurry(): void {
    this.#segments.hurry()
    this.#index.hurry()
  }

  put(key: string, record: Uint8Array): Promise<void> {
    return this.#index.put(key, record)
  }

  remove(key: string): Promise<void> {
    return this.#index.remove(key)
  }

  admits(key: string, admitAfter: number): boolean {
    // Counted while there is room too, so that it is known when there is none.
    const seen = this.#sightings?.note(key) ?? admitAfter
    return seen + 1 >= admitAfter || !(this.#isFull || this.#index.isFull)
  }

  status(): StoreStatus {
    const { entries, bytes } = this.#index.status()
    return { entries, bytes: bytes + this.#segments.status().bytes }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    let late: NodeJS.Timeout | undefined
    const ended = this.#segments.close().then(() => this.#evicting)
    await Promise.race([
      ended,
      new Promise(resolve => {
        late = setTimeout(resolve, this.#closeTimeoutMs)
      }),
    ])
    clearTimeout(late)
    this.#sightings?.close()
    await this.#index.close()
  }

  #isSound(key: string, { storedAtMs }: ResponseEntry, place: Place): boolean {
    const segments = this.#segments
    if (!segments.isThere(place.segment)) return this.#forget(key, storedAtMs)
    if (!segments.needsCheck(place)) return true
    if (place.bytes <= checkedNowBytesMax) return segments.checkNow(place) || this.#forget(key, storedAtMs)
    // Until that is known it is as if it were not there.
    void segments.check(place).then(isSound => isSound || this.#forget(key, storedAtMs))
    return false
  }

  /** For the hits that follow; where memory does not have it, when the disk has brought it. */
  #load(entry: ResponseEntry, place: Place): void {
    entry.isLoadable = false
    const body = Buffer.allocUnsafeSlow(place.bytes)
    if (this.#segments.read(place, 0, body) === place.bytes) entry.loaded = body
    else {
      void this.#segments.readLater(place, 0, body).then(bytes => {
        if (bytes === place.bytes) entry.loaded = body
      })
    }
  }

  /** Unless another has come in its place. */
  #forget(key: string, storedAtMs: number): false {
    const now = this.#index.get(key)
    if (now?.kind !== 'response' || now.storedAtMs !== storedAtMs) return false
    this.#index.remove(key).catch((error: unknown) => {
      this.#log('warn', 'an entry without its body could not be removed', { error })
    })
    return false
  }

  /** Once a second, and when a segment was made: looking at all of them takes its time. */
  #evict(): void {
    const { bytes } = this.#segments.status()
    this.#isFull = bytes > this.#roomyBytes
    if (this.#evicting !== undefined) return
    if (bytes <= this.#segmentsBytesMax) return
    this.#evicting = this.#segments.evictOldest(this.#segmentsBytesMax).finally(() => {
      this.#evicting = undefined
    })
  }
}

/** Without them everything is stored, full or not. */
function sightingsOf(directory: string, bytesMax: number, log: StoreLog): Sightings | undefined {
  try {
    return openSightings(directory, bytesMax)
  } catch (error) {
    log('warn', 'what is asked for once is stored too: the sightings cannot be kept', { error })
    return undefined
  }
}
