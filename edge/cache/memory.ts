// The store in this process's memory: the same records in a Map, the oldest leave when `bytesMax` is reached.
// For tests and for tools that must leave no trace; what it promises is what lmdb.ts promises but for persistence, and
// no more: what `get` gives is a view on one buffer, and is spoilt when its time is over.
import { EdgeError } from '../error.js'
import { decodeEntry, type Entry } from './entry.js'
import type { Store, StoreStatus } from './store.js'

export interface MemoryStoreOptions {
  /** Cap on keys and records together. */
  bytesMax: number
}

/** Whoever reads this reads too late. */
const spoilt = 0xa5

/** An empty store. A record that is larger than `bytesMax` is refused with `store-full`. */
export function openMemoryStore(options: MemoryStoreOptions): Store {
  return new MemoryStore(options.bytesMax)
}

class MemoryStore implements Store {
  // A Map keeps insertion order, so the first key is the oldest record.
  private readonly records = new Map<string, Buffer>()
  private bytes = 0
  private view: Buffer = Buffer.alloc(0)
  private isSpoilingSet = false

  constructor(private readonly bytesMax: number) {}

  get(key: string): Entry | undefined {
    const record = this.records.get(key)
    if (record === undefined) return undefined
    const entry = decodeEntry(this.viewOn(record), record.length)
    if (entry === undefined) this.forget(key)
    return entry
  }

  private viewOn(record: Buffer): Buffer {
    if (this.view.length < record.length) this.view = Buffer.allocUnsafeSlow(2 * record.length)
    record.copy(this.view)
    if (!this.isSpoilingSet) {
      this.isSpoilingSet = true
      setImmediate(() => {
        this.isSpoilingSet = false
        this.view.fill(spoilt)
      })
    }
    return this.view
  }

  async put(key: string, record: Uint8Array): Promise<void> {
    const bytes = sizeOf(key, record)
    if (bytes > this.bytesMax) {
      throw new EdgeError('store-full', `a record of ${bytes} bytes is more than the store may hold`, {
        source: 'edge',
        status: 500,
      })
    }
    this.forget(key)
    this.makeRoom(bytes)
    this.records.set(key, Buffer.from(record))
    this.bytes += bytes
  }

  async remove(key: string): Promise<void> {
    this.forget(key)
  }

  status(): StoreStatus {
    return { entries: this.records.size, bytes: this.bytes }
  }

  async close(): Promise<void> {
    this.records.clear()
    this.bytes = 0
  }

  private makeRoom(bytes: number): void {
    for (const oldest of this.records.keys()) {
      if (this.bytes + bytes <= this.bytesMax) return
      this.forget(oldest)
    }
  }

  private forget(key: string): void {
    const record = this.records.get(key)
    if (record === undefined) return
    this.records.delete(key)
    this.bytes -= sizeOf(key, record)
  }
}

function sizeOf(key: string, record: Uint8Array): number {
  return key.length + record.length
}
