// The interface of the cache's store. Two implementations (memory for tests, LMDB) pass one contract test.
import type { Changes } from '../shared/open-changes.js'
import type { Invalidated } from '../shared/open-invalidated.js'
import type { Entry, ResponseEntry } from './entry.js'
import type { HotEntry, HotTable } from './hot.js'
import type { ReadNews } from './purges/purges.js'
import type { Reads } from './reads.js'
import type { Bodies } from './segment-reads.js'

export interface StoreStatus {
  entries: number
  /** Bytes that count against `cache.bytesMax`. */
  bytes: number
}

/**
 * Keys are byte strings of any length up to 16 KiB. A record is made by `encodeEntry` or `encodeVariants`; it is not
 * changed after it was given to `put`. `get` is synchronous: a hit never touches a promise.
 */
export interface Store {
  /** Where bodies lie that are not in their records; without it all are. What `get` finds can be read there. */
  readonly bodies?: Bodies
  /**
   * The entry under `key`, or undefined. Its buffers are views, and what it reads out when asked (validators, received
   * fields) comes out of the same bytes: all of it is valid only until the next `get` of this store and only in this
   * turn of the loop. Write, copy or `keepEntry` before you yield. A record that cannot be read as one is absent (and
   * removed); a store that cannot be read has nothing.
   */
  get(key: string, nowMs?: number): Entry | undefined
  /**
   * The next `get` of these keys, or of any, sees all that is committed by now in any process; without it, a
   * millisecond's turn may pass. A store that nobody shares needs none. Ends the views of what was got.
   */
  refresh?(keys?: readonly string[]): void
  /** What was purged since a number, as all processes see it. Ends the views of what was got. Throws when it cannot. */
  readonly readPurges?: ReadNews
  /**
   * Resolves when later `get`s, in every process, see the record. Rejects with an EdgeError of source `edge` when it
   * cannot be kept: `store-full` (cap or disk), `store-busy` (too much waits to be written), `store-too-large`,
   * `store-failed`. An older record under the key may then still be there.
   */
  put(key: string, record: Uint8Array): Promise<void>
  /** Somebody waits for what is being stored: it need not wait for others to be written with. */
  hurry?(): void
  /** Resolves when later `get`s no longer see the key. Rejects like `put`. */
  remove(key: string): Promise<void>
  /**
   * Whether what is not stored under this key is worth it: always while there is room, else when the key was asked for
   * `admitAfter` times lately, this time included. Counts the time. Absent: always.
   */
  admits?(key: string, admitAfter: number): boolean
  /** What `get` has found since somebody began to note it; absent in a store of which nothing is said. */
  readonly reads?: Reads | undefined
  /** How often keys were changed. */
  readonly changes?: Changes | undefined
  /** What was put out of use by all who share it; absent where it is not shared. */
  readonly invalidated?: Invalidated | undefined
  /** What is kept in memory, by keys as they are kept. */
  readonly hot?: HotTable | undefined
  /** It was served out of memory without asking. */
  used?(held: HotEntry): void
  status(): StoreStatus
  /** Finishes what was begun; afterwards nothing is found and nothing kept. */
  close(): Promise<void>
}

/** Whether the body of `entry`, which was got some time ago, can still be read. */
export function isThere(store: Store, { place }: ResponseEntry): boolean {
  return place === undefined || store.bodies?.segments.isThere(place.segment) === true
}
