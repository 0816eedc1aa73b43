// The store in LMDB: synchronous reads, shared by all worker processes, and still there after a restart or kill -9.
// How writes get there is write-queue.ts's, who leaves when it is full evict.ts's, what a damaged file is inspect.ts's.
import { type Changes, slotOfHash } from '../shared/open-changes.js'
import type { Invalidated } from '../shared/open-invalidated.js'
import { hashOf } from '../shared/sketch-file.js'
import { trustedMs } from './absences.js'
import { bindToKey, isUndamaged } from './checksum.js'
import { type StoreLog, storeError } from './commit.js'
import {
  closeDatabases,
  type Databases,
  lastTransaction,
  measure,
  openDatabases,
  readValue,
} from './databases.js'
import { decodeEntry, type Entry } from './entry.js'
import { Evictor } from './evict.js'
import { type HotEntry, HotTable, unknownGeneration } from './hot.js'
import { closeTimeoutMs, inTime } from './in-time.js'
import { storedKey } from './key-bytes.js'
import type { LmdbStore, LmdbStoreOptions } from './lmdb-store.js'
import { type PurgeNews, readNews } from './purges/log.js'
import { ReadFailures } from './read-failures.js'
import { Reads } from './reads.js'
import type { StoreStatus } from './store.js'
import { WriteQueue } from './write-queue.js'

/** A read goes through a buffer of 16 MiB that lmdb keeps; a record stays well under it. */
const recordBytesMax = 8 * 1024 * 1024

/**
 * Opens the store, or makes it. Throws what lmdb or the file system says when that cannot be done; a damaged file must
 * have been set aside before (`inspectIndex`). At most one store per directory and process, on the main thread.
 */
export function openLmdbStore(options: LmdbStoreOptions): LmdbStore {
  const { directory, bytesMax, log, now = Date.now } = options
  const databases = openDatabases(directory, bytesMax, error =>
    log('warn', 'the oldest entries leave, used or not: their use cannot be marked', { error }),
  )
  const evictor = new Evictor({ databases, bytesMax, log, now })
  const queue = new WriteQueue({ databases, evictor, bytesMax: options.writeQueueBytesMax, now })
  const hot = new HotTable(options.hotBytesMax ?? 0)
  return new LmdbEntries(databases, evictor, queue, hot, log, now)
}

class LmdbEntries implements LmdbStore {
  readonly reads: Reads
  private readonly failures: ReadFailures
  private state: 'open' | 'closing' | 'closed' = 'open'
  /** Of `changes`, when the snapshot was taken or before. */
  private snapshotSum: number | undefined
  private epoch: number | undefined
  private lastStatus: StoreStatus = { entries: 0, bytes: 0 }

  constructor(
    private readonly databases: Databases,
    private readonly evictor: Evictor,
    private readonly queue: WriteQueue,
    readonly hot: HotTable,
    private readonly log: StoreLog,
    now: () => number,
  ) {
    this.failures = new ReadFailures(log, now)
    this.reads = new Reads(databases.changes)
  }

  get(key: string, nowMs = 0): Entry | undefined {
    if (this.state !== 'open') return undefined
    const stored = storedKey(key)
    const hot = this.hot.get(stored)
    if (hot !== undefined && this.isCurrent(hot, nowMs)) {
      this.use(hot, stored)
      this.reads.note(stored, hot.slot, hot.generation, hot.checkedMs)
      return hot.entry
    }
    const { changes, marks } = this.databases
    const hash = hashOf(stored)
    const slot = slotOfHash(hash)
    // The counter first: what changes from here on makes another one.
    const generation = changes === undefined ? unknownGeneration : changes.of(slot)
    const absentMs = this.absentMs(stored, hash, generation, nowMs)
    this.reads.note(stored, slot, generation, absentMs < 0 ? nowMs : absentMs)
    if (absentMs >= 0) return undefined
    const value = this.read(stored, hot === undefined ? 0 : hot.transaction)
    if (value === 'unchanged' && hot !== undefined) {
      this.use(hot, stored)
      hot.checkedMs = nowMs
      hot.generation = generation
      return hot.entry
    }
    if (value === undefined || typeof value === 'string') {
      this.hot.remove(stored)
      if (value === undefined) this.hot.absences.note(stored, hash, generation, nowMs)
      return undefined
    }
    const transaction = lastTransaction()
    // `value.length` is the only true length of the shared buffer: everything is cut by it. The file may have been
    // damaged since it was written, keys too: what comes out of it is not what was stored until that is checked.
    const entry = isUndamaged(value, value.length, stored) ? decodeEntry(value, value.length) : undefined
    if (entry !== undefined) {
      marks?.mark(hash)
      return this.hot.offer(stored, entry, value.length, { transaction, checkedMs: nowMs, slot, generation })
    }
    this.forget(key)
    return undefined
  }

  /** See `Absences`. Where nothing is known the snapshot is one that `generation` says nothing against. */
  private absentMs(stored: string, hash: number, generation: number, nowMs: number): number {
    const { changes } = this.databases
    if (changes === undefined) return -1
    this.distrustIfRenewed(changes)
    const absentMs = this.hot.absences.checkedMs(stored, hash, generation, nowMs)
    if (absentMs < 0) this.renewSnapshot(changes)
    return absentMs
  }

  /** Who evicts is told once a turn. */
  private use(hot: HotEntry, stored: string): void {
    hot.isWanted = true
    const { marks } = this.databases
    if (marks === undefined || hot.markTurn === marks.turn()) return
    hot.markTurn = marks.turn()
    marks.mark(hashOf(stored))
  }

  /** Whether what is in the hot table is what the store holds, without asking that. */
  private isCurrent(hot: HotEntry, nowMs: number): boolean {
    const { changes } = this.databases
    // LMDB itself gives one and the same snapshot for about as long.
    if (changes === undefined) return hot.checkedMs === nowMs && nowMs !== 0
    this.distrustIfRenewed(changes)
    const ageMs = nowMs - hot.checkedMs
    return changes.of(hot.slot) === hot.generation && ageMs >= 0 && ageMs < trustedMs
  }

  private distrustIfRenewed(changes: Changes): void {
    if (changes.epoch() === this.epoch) return
    this.epoch = changes.epoch()
    this.hot.distrust()
  }

  /** lmdb keeps a snapshot until the end of the turn: one in which something is missing would pass for the new state. */
  private renewSnapshot(changes: Changes): void {
    const sum = changes.sum()
    if (sum === this.snapshotSum) return
    this.snapshotSum = sum
    this.databases.root.resetReadTxn()
  }

  async put(key: string, record: Uint8Array): Promise<void> {
    if (this.state !== 'open') throw storeError('store-failed', 'the cache is closed')
    if (record.length > recordBytesMax) {
      throw storeError('store-too-large', `a record may have ${recordBytesMax} bytes, not ${record.length}`)
    }
    const stored = storedKey(key)
    bindToKey(record, stored)
    const { absences } = this.hot
    absences.writing(stored)
    await this.queue.put(stored, record).finally(() => absences.written(stored))
    // Whoever waited for a write finds it at once.
    this.hot.remove(stored)
  }

  hurry(): void {
    this.queue.hurry()
  }

  async remove(key: string): Promise<void> {
    if (this.state !== 'open') throw storeError('store-failed', 'the cache is closed')
    const stored = storedKey(key)
    await this.queue.remove(stored)
    this.hot.remove(stored)
  }

  refresh(keys?: readonly string[]): void {
    if (this.state !== 'open') return
    this.databases.root.resetReadTxn()
    this.hot.distrust(keys?.map(storedKey))
  }

  readPurges(after: number): PurgeNews | undefined {
    return this.state === 'open' ? readNews(this.databases, after) : undefined
  }

  get isFull(): boolean {
    return this.evictor.isFull
  }

  get invalidated(): Invalidated | undefined {
    return this.databases.invalidated
  }

  get changes(): Changes | undefined {
    return this.databases.changes
  }

  used(held: HotEntry): void {
    this.use(held, held.key)
  }

  status(): StoreStatus {
    if (this.state !== 'open') return { entries: 0, bytes: 0 }
    try {
      this.lastStatus = measure(this.databases)
    } catch (error) {
      this.readFailed(error)
    }
    return this.lastStatus
  }

  async close(): Promise<void> {
    if (this.state !== 'open') return
    this.state = 'closing'
    const ended = this.queue
      .drain()
      .then(() => this.evictor.stop())
      .then(() => closeDatabases(this.databases))
    if (!(await inTime(ended))) {
      // A writer that hangs would hang whoever closes its environment; it is left to the system instead.
      this.log('error', 'the cache is left open: its last writes did not end', { closeTimeoutMs })
    }
    this.state = 'closed'
  }

  private read(stored: string, knownTransaction: number): Buffer | 'unchanged' | 'unreadable' | undefined {
    try {
      return readValue(this.databases, stored, knownTransaction)
    } catch (error) {
      // A failing disk or a damaged page means no cache, never a failed request.
      this.readFailed(error)
      return 'unreadable'
    }
  }

  private readFailed(error: unknown): void {
    // The failure sticks to the snapshot: with a new one, entries on sound pages can be read again.
    this.refresh()
    this.failures.note(error)
  }

  private forget(key: string): void {
    this.remove(key).catch((error: unknown) => {
      this.log('warn', 'an unreadable entry could not be removed', { error })
    })
  }
}
