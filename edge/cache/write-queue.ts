// Writes on their way to LMDB: gathered for a few milliseconds, committed together, one transaction at a time per
// process, so that what a write replaces is known. What may wait is bounded; room in the store is evict.ts's matter.
import type { EdgeError } from '../error.js'
import { explainCommit, storeError } from './commit.js'
import { type Databases, readStampMs, readValue, transact } from './databases.js'
import type { Evictor } from './evict.js'
import { orderKey } from './key-bytes.js'
import { kindPlaced, offset, prologueBytes } from './layout.js'

/** Also the least time between the beginnings of two commits for whose sake `hurry` was called. */
const gatherMs = 10
/** After a commit failed nothing is stored for so long: a full disk is not asked again at every response. */
const pauseAfterFailureMs = 1_000
const pageBytes = 4_096
/** A record over about half a page gets pages of its own; each begins with a header. */
const inlineBytesMax = 2_000
const pageHeaderBytes = 24
/** Node headers and pointers of the entry and of its place in the order, and the share of pages that stays empty. */
const nodeBytes = 64
const leafSlack = 1.5
/** Two stamps of one process differ at least by this: a fraction that a double holds exactly. */
const stampStepMs = 1 / 1_024

interface Write {
  stored: string
  /** Absent: the entry is to be removed. */
  record: Uint8Array | undefined
  bytes: number
  resolve: () => void
  reject: (error: Error) => void
}

export interface WriteQueueOptions {
  databases: Databases
  evictor: Evictor
  bytesMax: number
  now: () => number
}

/** About how many bytes of pages an entry takes. */
export function entryBytes(keyBytes: number, recordBytes: number): number {
  const inline = recordBytes <= inlineBytesMax ? recordBytes : 0
  const own = inline > 0 ? 0 : Math.ceil((recordBytes + pageHeaderBytes) / pageBytes) * pageBytes
  return own + Math.ceil((inline + 2 * keyBytes + nodeBytes) * leafSlack)
}

/** How long writes wait for others. Those who hurry often wait as long as all others do, but from the commit before. */
export function gatheringMs(nowMs: number, hurryUntilMs: number, lastBeganMs: number): number {
  if (nowMs > hurryUntilMs) return gatherMs
  return Math.max(0, Math.min(gatherMs, lastBeganMs + gatherMs - nowMs))
}

export class WriteQueue {
  private waiting: Write[] = []
  private pendingBytes = 0
  private lastStampMs = 0
  private timer: NodeJS.Timeout | undefined
  private committing: Promise<void> | undefined
  /** Of the monotonic clock. */
  private hurryUntilMs = 0
  private beganMs = Number.NEGATIVE_INFINITY
  private failure: { error: EdgeError; atMs: number } | undefined

  constructor(private readonly options: WriteQueueOptions) {}

  /** Resolves when the record is committed. Rejects with `store-busy`, `store-full` or `store-failed`. */
  put(stored: string, record: Uint8Array): Promise<void> {
    if (
      this.failure !== undefined &&
      Math.abs(this.options.now() - this.failure.atMs) < pauseAfterFailureMs
    ) {
      return Promise.reject(this.failure.error)
    }
    const bytes = entryBytes(stored.length, record.length)
    if (this.pendingBytes + bytes > this.options.bytesMax) return Promise.reject(busy())
    if (!this.options.evictor.admits(bytes)) {
      return Promise.reject(storeError('store-full', 'the cache is full'))
    }
    return this.add(stored, record, bytes)
  }

  /** Resolves when the entry is gone. Removals matter more than stores: they may fill the queue twice over. */
  remove(stored: string): Promise<void> {
    const bytes = entryBytes(stored.length, 0)
    if (this.pendingBytes + bytes > 2 * this.options.bytesMax) return Promise.reject(busy())
    return this.add(stored, undefined, bytes)
  }

  /**
   * Somebody can go on only when what is being stored is there: what waits, and what is added within the next milliseconds, is
   * committed without gathering, once in the time that is gathered in else.
   */
  hurry(): void {
    this.hurryUntilMs = performance.now() + gatherMs
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = undefined
    this.schedule()
  }

  /** Resolves when everything added so far is committed or has failed. */
  async drain(): Promise<void> {
    while (this.waiting.length > 0 || this.committing !== undefined) {
      if (this.committing === undefined) this.begin()
      await this.committing
    }
  }

  private add(stored: string, record: Uint8Array | undefined, bytes: number): Promise<void> {
    this.pendingBytes += bytes
    return new Promise((resolve, reject) => {
      this.waiting.push({ stored, record, bytes, resolve, reject })
      this.schedule()
    })
  }

  private schedule(): void {
    if (this.timer !== undefined || this.committing !== undefined) return
    const waitMs = gatheringMs(performance.now(), this.hurryUntilMs, this.beganMs)
    this.timer = setTimeout(() => this.begin(), waitMs)
  }

  private begin(): void {
    this.beganMs = performance.now()
    clearTimeout(this.timer)
    this.timer = undefined
    const writes = this.waiting
    this.waiting = []
    this.committing = this.commit(writes).finally(() => {
      this.committing = undefined
      if (this.waiting.length > 0) this.schedule()
    })
  }

  private async commit(writes: readonly Write[]): Promise<void> {
    const error = await this.issue(writes)
    this.failure = error === undefined ? undefined : { error, atMs: this.options.now() }
    let admittedBytes = 0
    for (const { record, bytes } of writes) {
      this.pendingBytes -= bytes
      if (record !== undefined) admittedBytes += bytes
    }
    this.options.evictor.settled(admittedBytes)
    for (const write of writes) {
      if (error === undefined) write.resolve()
      else write.reject(error)
    }
  }

  private async issue(writes: readonly Write[]): Promise<EdgeError | undefined> {
    const { databases } = this.options
    try {
      // All reads come first: when one throws, nothing of this transaction has been asked for yet.
      const known = new Map<string, Known>()
      for (const { stored } of writes) known.set(stored, readKnown(databases, stored))
      await transact(databases, () => {
        for (const write of writes) this.apply(write, known)
        return []
      })
      for (const { stored } of writes) databases.changes?.bump(stored)
      return undefined
    } catch (error) {
      return explainCommit(error, databases.path)
    }
  }

  private apply({ stored, record, bytes }: Write, known: Map<string, Known>): void {
    const { entries, order } = this.options.databases
    const replaced = known.get(stored)
    if (replaced?.stampMs !== undefined) order.remove(orderKey(replaced.stampMs, stored))
    if (record === undefined) {
      known.set(stored, nothing)
      entries.remove(stored)
      return
    }
    const place = placeBytes(record, record.length)
    // One with the same body keeps its age: it leaves with the segment that this lies in.
    const isSameBody = place !== undefined && replaced?.place?.equals(place) === true
    const stampMs = isSameBody ? replaced.stampMs! : this.nextStampMs()
    known.set(stored, { stampMs, place: undefined })
    order.put(orderKey(stampMs, stored), sizeValue(bytes))
    entries.put(stored, record, stampMs)
  }

  private nextStampMs(): number {
    this.lastStampMs = Math.max(this.options.now(), this.lastStampMs + stampStepMs)
    return this.lastStampMs
  }
}

/** Of what is under a key: when it was stored, and the place of its body when that is not in the record. */
interface Known {
  stampMs: number | undefined
  place: Buffer | undefined
}

const nothing: Known = Object.freeze({ stampMs: undefined, place: undefined })

function readKnown(databases: Databases, stored: string): Known {
  const stampMs = readStampMs(databases, stored)
  if (stampMs === undefined) return nothing
  const value = readValue(databases, stored)
  const isThere = value !== undefined && value !== 'unchanged'
  return { stampMs, place: isThere ? placeBytes(value, value.length) : undefined }
}

/** `length`: that of the record, which may be shorter than what it is in. */
function placeBytes(record: Uint8Array, length: number): Buffer | undefined {
  if (length < prologueBytes) return undefined
  const bytes = Buffer.from(record.buffer, record.byteOffset, length)
  if (bytes.readUInt16LE(offset.kind) !== kindPlaced) return undefined
  const restBytes = bytes.readUInt32LE(offset.bodyBytes)
  return restBytes > length ? undefined : Buffer.from(bytes.subarray(length - restBytes))
}

function sizeValue(bytes: number): Buffer {
  const value = Buffer.allocUnsafe(4)
  value.writeUInt32LE(bytes)
  return value
}

function busy(): Error {
  return storeError('store-busy', 'too many bytes wait to be written to the cache')
}
