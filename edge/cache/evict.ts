// Keeps the LMDB store under `bytesMax`: the oldest entries leave when the pages in use pass a high mark, until they
// are under a low one. Any worker may do it, several at once too: an entry is deleted only if it is still the one
// that the storing order names, so an entry that was replaced since stays, and a deletion done twice does nothing.
// What counts is `measure`'s (databases.ts): pages in use, not the file, which never shrinks.
import type { StoreLog } from './commit.js'
import { explainCommit } from './commit.js'
import { type Databases, measure } from './databases.js'
import { splitOrderKey } from './key-bytes.js'

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
  /** What was written here since, as an estimate of pages. */
  private unmeasuredBytes = 0
  private running: Promise<void> | undefined
  private stopped = false

  constructor(private readonly options: EvictorOptions) {
    this.measuredBytes = measure(options.databases).bytes
    this.measuredAtMs = options.now()
  }

  /**
   * Whether a record that takes `bytes` may be stored, counting it when so. `pendingBytes` are those admitted but not
   * yet committed, which no measurement can see. Other workers' last writes are not known here: the high mark leaves
   * room for them.
   */
  admits(bytes: number, pendingBytes: number): boolean {
    if (this.usedBytes + bytes > this.options.bytesMax) this.measureNow(pendingBytes)
    if (this.usedBytes + bytes > this.options.bytesMax) {
      this.start()
      return false
    }
    this.unmeasuredBytes += bytes
    return true
  }

  /** To be called after each commit: measures when it is time, and begins to evict when there is too much. */
  consider(pendingBytes: number): void {
    const { bytesMax, now } = this.options
    const due = Math.abs(now() - this.measuredAtMs) >= measureEveryMs
    if (due || this.unmeasuredBytes > bytesMax * unmeasuredShare) this.measureNow(pendingBytes)
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

  private measureNow(pendingBytes: number): void {
    this.measuredBytes = measure(this.options.databases).bytes
    this.measuredAtMs = this.options.now()
    this.unmeasuredBytes = pendingBytes
  }

  private start(): void {
    if (this.running !== undefined || this.stopped) return
    this.running = this.evict().finally(() => {
      this.running = undefined
    })
  }

  private async evict(): Promise<void> {
    const { databases, bytesMax, log } = this.options
    const low = Math.floor(bytesMax * lowShare)
    try {
      // A reader that died would keep every page freed from being used again.
      databases.root.readerCheck()
      // In a turn of its own: reading the order overwrites the buffer that a hit may be looking at.
      await new Promise(resolve => setImmediate(resolve))
      for (let over = this.overBytes(low); over > 0 && !this.stopped; over = this.overBytes(low)) {
        if ((await evictOldest(databases, over)) === 0) return
        databases.root.resetReadTxn()
      }
    } catch (error) {
      log('warn', 'the cache could not evict', { error: await explainCommit(error) })
    }
  }

  private overBytes(low: number): number {
    return measure(this.options.databases).bytes - low
  }
}

/**
 * Deletes the oldest entries in one transaction, until about `bytesWanted` are free or the limit of a transaction is
 * reached. Resolves with how many places in the order were given up, 0 when there was none.
 */
export async function evictOldest(databases: Databases, bytesWanted: number): Promise<number> {
  const { entries, order } = databases
  const deletions: Promise<boolean>[] = []
  let places = 0
  let freedBytes = 0
  for (const { key, value } of order.getRange({ start: '', limit: deletesMax })) {
    const { stampMs, stored } = splitOrderKey(key)
    // Only when its version is still this stamp: lmdb compares within the transaction.
    deletions.push(entries.remove(stored, stampMs), order.remove(key))
    places++
    freedBytes += Buffer.from(value).readUInt32LE(0)
    if (freedBytes >= bytesWanted) break
  }
  await Promise.all(deletions)
  return places
}
