// Keeps the LMDB store under `bytesMax`: the oldest entries leave when the pages in use pass a high mark, until they
// are under a low one. Any worker may do it, several at once too: an entry is deleted only if it is still the one
// that the storing order names, so an entry that was replaced since stays, and a deletion done twice does nothing.
// What counts is `measure`'s (databases.ts): pages in use, not the file, which never shrinks.

import { hashOf } from '../shared/sketch-file.js'
import type { StoreLog } from './commit.js'
import { explainCommit } from './commit.js'
import { type Databases, forgetDead, measure, readRecord, transact } from './databases.js'
import { orderKey, splitOrderKey } from './key-bytes.js'

/** Above this share of `bytesMax` eviction begins, under the lower it ends. */
const highShare = 0.9
const lowShare = 0.85
/** The pages in use are counted this often after writes, and whenever this share of `bytesMax` was written. */
const measureEveryMs = 1_000
const unmeasuredShare = 1 / 64
/** Deletes in one transaction: it holds up every writer of the host while it runs. */
const deletesMax = 1_000

export interface EvictorOptions {
  databases: Databases
  bytesMax: number
  log: StoreLog
  now: () => number
}

export class Evictor {
  private measuredBytes: number
  private measuredAtMs: number
  /** What was admitted since, and before it without being committed yet: an estimate of pages. */
  private unmeasuredBytes = 0
  /** What was admitted and is not committed yet: no measurement can see it. */
  private pendingBytes = 0
  private running: Promise<void> | undefined
  private stopped = false

  constructor(private readonly options: EvictorOptions) {
    this.measuredBytes = measure(options.databases).bytes
    this.measuredAtMs = options.now()
  }

  /**
   * Whether a record that takes `bytes` may be stored, counting it when so: `settled` must follow. Eviction begins
   * here when it is time. Other workers' last writes are not known: the high mark leaves room for them.
   */
  admits(bytes: number): boolean {
    const { bytesMax } = this.options
    if (this.usedBytes + bytes > bytesMax) this.measureNow()
    const fits = this.usedBytes + bytes <= bytesMax
    if (fits) {
      this.pendingBytes += bytes
      this.unmeasuredBytes += bytes
    }
    if (!fits || this.usedBytes > bytesMax * highShare) this.start()
    return fits
  }

  /** Something leaves, or soon will, for what comes. */
  get isFull(): boolean {
    return this.usedBytes > this.options.bytesMax * lowShare
  }

  /** What was admitted is committed, or has failed. */
  settled(bytes: number): void {
    const { bytesMax, now } = this.options
    this.pendingBytes -= bytes
    const due = Math.abs(now() - this.measuredAtMs) >= measureEveryMs
    if (due || this.unmeasuredBytes > bytesMax * unmeasuredShare) this.measureNow()
    if (this.usedBytes > bytesMax * highShare) this.start()
  }

  /** Resolves when no eviction runs and none will begin. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.running
  }

  private get usedBytes(): number {
    return this.measuredBytes + this.unmeasuredBytes
  }

  private measureNow(): void {
    const { databases, log, now } = this.options
    this.measuredAtMs = now()
    try {
      this.measuredBytes = measure(databases).bytes
      this.unmeasuredBytes = this.pendingBytes
    } catch (error) {
      // A damaged page or a failing disk: what was known goes on to count, with all that was written since.
      log('warn', 'the cache could not be measured', { error })
    }
  }

  private start(): void {
    if (this.running !== undefined || this.stopped) return
    this.running = this.evict().finally(() => {
      this.running = undefined
    })
  }

  private async evict(): Promise<void> {
    const { databases, log } = this.options
    try {
      // A reader that died would keep every page freed from being used again.
      forgetDead(databases)
      // In a turn of its own: reading the order overwrites the buffer that a hit may be looking at.
      await new Promise(resolve => setImmediate(resolve))
      for (let over = this.overBytes(); over > 0 && !this.stopped; over = this.overBytes()) {
        if ((await evictOldest(databases, over)) === 0) return
      }
    } catch (error) {
      log('warn', 'the cache could not evict', { error: await explainCommit(error, databases.path) })
    }
  }

  private overBytes(): number {
    this.measureNow()
    return this.usedBytes - Math.floor(this.options.bytesMax * lowShare)
  }
}

/** Of the bytes that are looked at, so many may stay because they were used lately. */
const keptShare = 1 / 4

interface Oldest {
  place: string
  stampMs: number
  stored: string
  /** What it was counted with, as it stands in the order. */
  size: Buffer
}

/**
 * Deletes the oldest entries in one transaction, until about `bytesWanted` are free or the limit of a transaction is
 * reached; some of those that were used lately become the youngest in place of that. Resolves with how many places in
 * the order were given up, 0 when there was none.
 */
export async function evictOldest(
  databases: Databases,
  bytesWanted: number,
  nowMs = Date.now(),
): Promise<number> {
  const oldest: Oldest[] = []
  const used: Oldest[] = []
  let freedBytes = 0
  let usedBytes = 0
  for (const { key, value } of databases.order.getRange({ start: '', limit: deletesMax })) {
    const size = Buffer.from(value)
    const bytes = size.readUInt32LE(0)
    const one = { place: key, ...splitOrderKey(key), size }
    const isUsed = usedBytes + bytes <= keptShare * bytesWanted && isMarked(databases, one.stored)
    ;(isUsed ? used : oldest).push(one)
    if (isUsed) usedBytes += bytes
    else freedBytes += bytes
    if (freedBytes >= bytesWanted) break
  }
  // Read before anything is written: a transaction that throws in its middle would leave half of it.
  const records = used.map(({ stored, stampMs }) => readRecord(databases, stored, stampMs))
  await transact(databases, () => [
    ...oldest.map(one => remove(databases, one)),
    ...used.map((one, at) => renew(databases, one, records[at], nowMs)),
  ])
  for (const { stored } of oldest) databases.changes?.bump(stored)
  return oldest.length + used.length
}

function isMarked({ marks }: Databases, stored: string): boolean {
  return marks?.isMarked(hashOf(stored)) === true
}

function remove({ entries, order }: Databases, { place, stored, stampMs }: Oldest): Promise<boolean> {
  order.remove(place)
  // Only while its version is still this stamp: lmdb compares within the transaction.
  return entries.remove(stored, stampMs)
}

/** The same record, as if it were stored now. */
function renew(
  databases: Databases,
  one: Oldest,
  record: Buffer | undefined,
  nowMs: number,
): Promise<boolean> {
  const { entries, order } = databases
  if (record === undefined) return remove(databases, one)
  order.remove(one.place)
  order.put(orderKey(nowMs, one.stored), one.size)
  return entries.put(one.stored, record, nowMs, one.stampMs)
}
