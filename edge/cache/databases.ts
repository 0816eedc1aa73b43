// The LMDB environment of the cache and its databases, opened the one way that is safe for us. The only file that
// imports lmdb, and the only place where the buffer that lmdb reads into is handed out.
import * as lmdb from 'lmdb'
import { type Database, getLastVersion, open, type RootDatabase } from 'lmdb'
import { nativeStatus } from '../../native/index.js'
import { type Changes, openChanges } from '../shared/open-changes.js'
import { type Invalidated, openInvalidated } from '../shared/open-invalidated.js'
import { type Marks, openMarks } from '../shared/open-marks.js'
import { indexDirectory } from './index-directory.js'
import { keyEncoder } from './key-bytes.js'
import { indexShare } from './segments/sizes.js'

/** Readers over all processes: 256 workers of two generations, with slack for those that died. */
const readersMax = 2_048
/** Address space to begin with. It grows when needed; growing keeps old maps, so it is better done rarely. */
const mapBytesMin = 64 * 1024 * 1024
const mapPageBytes = 4_096

export interface Databases {
  /** Stored key -> record, with the time of storing (`stampMs`) as its version. */
  readonly entries: Database<Uint8Array, string>
  /** Order key -> bytes that the entry takes (uint32, little-endian). */
  readonly order: Database<Uint8Array, string>
  /** Number of a purge -> its rule, and how far they go: purges/log.ts. */
  readonly purges: Database<Uint8Array, string>
  readonly root: RootDatabase
  /** Told of every key that a commit changed; undefined without the native addon, where nobody can share memory. */
  readonly changes: Changes | undefined
  readonly invalidated: Invalidated | undefined
  /** What was used lately; undefined without the native addon. */
  readonly marks: Marks | undefined
  /** The directory of the environment. */
  readonly path: string
}

/**
 * Opens, or makes, the environment in `directory`; `onTrouble` is told what it has to do without. Never `useWritemap` (a full disk would be a SIGBUS), never
 * `compression` (reads cost 4 to 7 times as much). Commits are not awaited to disk, so a power cut may lose the last
 * ones, but lmdb goes back to the last state that was flushed.
 */
export function openDatabases(
  directory: string,
  bytesMax: number,
  onTrouble: (error: unknown) => void = () => {},
): Databases {
  const mapSize = Math.ceil(Math.max(mapBytesMin, 2 * bytesMax) / mapPageBytes) * mapPageBytes
  const path = indexDirectory(directory)
  const root = open({
    path,
    noSubdir: false,
    encoding: 'binary',
    mapSize,
    maxReaders: readersMax,
    maxDbs: 4,
    // Its own batching makes a promise that nobody holds; a failed commit would reject that one too. See `transact`.
    eventTurnBatching: false,
  })
  // lmdb's types know `keyEncoder` for the root only, so the options are made apart from the calls.
  const ofEntries = { name: 'entries', encoding: 'binary' as const, useVersions: true, keyEncoder }
  const ofOrder = { name: 'order', encoding: 'binary' as const, keyEncoder }
  const entries = root.openDB<Uint8Array, string>(ofEntries)
  const order = root.openDB<Uint8Array, string>(ofOrder)
  const purges = root.openDB<Uint8Array, string>({ ...ofOrder, name: 'purges' })
  const { isPresent } = nativeStatus()
  const changes = isPresent ? openChanges(directory) : undefined
  const invalidated = isPresent ? openInvalidated(directory) : undefined
  const marks = isPresent ? marksOf(directory, indexShare * bytesMax, onTrouble) : undefined
  // A process that was killed leaves its snapshot behind, and no page freed since could be used again.
  root.readerCheck()
  // Who comes may come for one that died.
  changes?.renew()
  return { entries, order, purges, root, changes, invalidated, marks, path }
}

/** Without them the oldest entries leave, used or not. */
function marksOf(
  directory: string,
  bytesMax: number,
  onTrouble: (error: unknown) => void,
): Marks | undefined {
  try {
    return openMarks(directory, bytesMax)
  } catch (error) {
    onTrouble(error)
    return undefined
  }
}

/** Forgets the snapshots of those who were killed, and what they may not have come to say. */
export function forgetDead({ root, changes }: Databases): void {
  if (root.readerCheck() > 0) changes?.renew()
}

/**
 * Makes the writes of `write` one transaction: all of them are there or none, after kill -9 too. `write` returns the
 * promises of its conditional writes, the only ones that lmdb gives apart. Resolves when committed and visible.
 */
export async function transact(databases: Databases, write: () => Promise<boolean>[]): Promise<void> {
  let conditional: Promise<boolean>[] = []
  const committed = databases.root.batch(() => {
    conditional = write()
  })
  await Promise.all([committed, ...conditional])
  // lmdb renews its snapshot a little later by itself; whoever waits for a write looks for it at once.
  databases.root.resetReadTxn()
}

// What lmdb has for transactions at once: may be given up by throwing; without the second bit it waits for the disk.
const abortable = 3
const unflushed = 0x10000

/**
 * Runs `work` in one transaction, at once: it reads what is committed and what it writes itself (`putSync` and its
 * kin), and blocks all writers of the host meanwhile. `isDurable`: what it wrote is on the disk when this returns.
 * Throws what `work` throws, or lmdb: then nothing was written. Ends the views of what was read.
 */
export function transactNow<T>({ root }: Databases, isDurable: boolean, work: () => T): T {
  return root.transactionSync(work, isDurable ? abortable : abortable | unflushed)
}

/**
 * Closes the environment. lmdb waits for the flush of its last commit, and if that one failed it would wait for ever:
 * an empty one after it always succeeds.
 */
export async function closeDatabases(databases: Databases): Promise<void> {
  await transact(databases, () => [])
  await databases.root.close()
  databases.changes?.close()
  databases.invalidated?.close()
  databases.marks?.close()
}

// What lmdb has for its own caching store, but not in its types: the number of the transaction that last wrote the page
// a key is on, and a read that is answered with an empty object when that number is still the one named.
const { getLastTxnId } = lmdb as unknown as { getLastTxnId(): number }
const readOptions = { ifNotTxnId: 0 }
interface ConditionalReads {
  getBinaryFast(key: string, options: typeof readOptions): Buffer | undefined
}

/**
 * The value under `stored`, or undefined; `'unchanged'` when `knownTransaction` is what `lastTransaction` said of this
 * key before and nothing was written near it since (0 is never unchanged). The value is the one large buffer that lmdb
 * reads everything into, with `length` set to the value's: only `length` is true, and only until the next read. Whoever
 * takes bytes out of it must cut by that length; `byteLength`, `buffer` and typed-array methods would show other
 * entries' bytes.
 */
export function readValue(
  databases: Databases,
  stored: string,
  knownTransaction = 0,
): Buffer | 'unchanged' | undefined {
  readOptions.ifNotTxnId = knownTransaction
  const value = (databases.entries as unknown as ConditionalReads).getBinaryFast(stored, readOptions)
  return value !== undefined && value.length === undefined ? 'unchanged' : value
}

/** Of the page that the last `readValue` found its key on. */
export function lastTransaction(): number {
  return getLastTxnId()
}

/** When the entry under `stored` was stored, or undefined when there is none. A read like any other. */
export function readStampMs(databases: Databases, stored: string): number | undefined {
  return databases.entries.getBinaryFast(stored) === undefined ? undefined : getLastVersion()
}

interface TreeStatistics {
  pageSize: number
  treeBranchPageCount: number
  treeLeafPageCount: number
  overflowPages: number
  entryCount: number
}

/** What lmdb's untyped `getStats` holds: this database, the main one (`root`) and the list of free pages (`free`). */
interface Statistics extends TreeStatistics {
  root: TreeStatistics
  free: TreeStatistics
}

/**
 * How many entries there are, and the bytes of all pages in use, over all processes. Pages that were freed do not
 * count: they are used again, but the file never shrinks, and large bodies need contiguous pages, so the file may be
 * up to twice as large as what is counted here.
 */
export function measure(databases: Databases): { entries: number; bytes: number } {
  const ofEntries = databases.entries.getStats() as Statistics
  const ofOrder = databases.order.getStats() as Statistics
  const ofPurges = databases.purges.getStats() as Statistics
  const trees = [ofEntries, ofOrder, ofPurges, ofEntries.root, ofEntries.free]
  const pages = trees.reduce((sum, tree) => sum + pagesOf(tree), 0)
  return { entries: ofEntries.entryCount, bytes: pages * ofEntries.pageSize }
}

function pagesOf(tree: TreeStatistics): number {
  return tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages
}

/** A copy of the record that was stored under the key at that time; undefined when it was replaced or removed since. */
export function readRecord(databases: Databases, stored: string, stampMs: number): Buffer | undefined {
  if (readStampMs(databases, stored) !== stampMs) return undefined
  const value = readValue(databases, stored)
  return value === undefined || value === 'unchanged'
    ? undefined
    : Buffer.from(value.subarray(0, value.length))
}
