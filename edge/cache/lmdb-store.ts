// What the store in LMDB is to those who open and use it: lmdb.ts.
import type { StoreLog } from './commit.js'
import type { PurgeNews } from './purges/log.js'
import type { Store } from './store.js'

export interface LmdbStoreOptions {
  /** The cache directory; the environment is made in `index` there. */
  directory: string
  /** Cap on the bytes of pages in use, shared by all processes that open the directory. */
  bytesMax: number
  /** Cap on the bytes of records that wait in this process to be committed. */
  writeQueueBytesMax: number
  /** Cap on the bytes of records kept in memory of this process (hot.ts); absent or 0: none. */
  hotBytesMax?: number
  log: StoreLog
  /** Wall clock, milliseconds; Date.now when absent. */
  now?: () => number
}

export interface LmdbStore extends Store {
  /** Something leaves, or soon will, for what comes. */
  readonly isFull: boolean
  refresh(keys?: readonly string[]): void
  hurry(): void
  readPurges(after: number): PurgeNews | undefined
}
