// The interface of the cache's store. Two implementations (memory for tests, LMDB) pass one contract test.
import type { Entry } from './entry.js'

export interface StoreStatus {
  entries: number
  /** Bytes that count against `cache.bytesMax`. */
  bytes: number
}

/**
 * Keys are byte strings of any length up to 16 KiB. A record is made by `encodeEntry` or `encodeVariants`.
 * `get` is synchronous: a hit never touches a promise.
 */
export interface Store {
  /**
   * The entry under `key`, or undefined. Its buffers are views that are valid only until the next `get` of this
   * store: write or copy before you yield. A record that cannot be read as one is absent (and removed).
   */
  get(key: string): Entry | undefined
  /** Resolves when later `get`s, in every process, see the record. Rejects with an EdgeError when it cannot be kept. */
  put(key: string, record: Uint8Array): Promise<void>
  /** Resolves when later `get`s no longer see the key. */
  remove(key: string): Promise<void>
  status(): StoreStatus
  /** Finishes what was begun; the store is not used afterwards. */
  close(): Promise<void>
}
