// An index on a disk that has no room to open it yet: without one nothing is found and nothing kept, until there is.
import { closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { nativeStatus, reserve } from '../../native/index.js'
import type { EdgeError } from '../error.js'
import { openChanges } from '../shared/open-changes.js'
import { isDiskFull, storeError } from './commit.js'
import type { Entry } from './entry.js'
import { indexDirectory } from './index-directory.js'
import { openLmdbStore } from './lmdb.js'
import type { LmdbStore, LmdbStoreOptions } from './lmdb-store.js'
import type { PurgeNews } from './purges/log.js'
import type { StoreStatus } from './store.js'

/** More than lmdb asks for with `readersMax`; it takes what is there. */
const locksBytes = 256 * 1024
/** A data file that is longer has its databases: it can be opened though nothing more can be written. */
const emptyBytesMax = 16 * 1024
/** With nothing to read, each answer that would be stored asks: not more often than this. */
const tryEveryMs = 1_000

/**
 * Whether the index in cache directory `directory` can be opened, or made. lmdb maps its table of readers: touching a
 * page of it that has no place on a full disk is a SIGBUS, so it is given its place here.
 */
export function hasRoom(directory: string): boolean {
  const path = indexDirectory(directory)
  try {
    mkdirSync(path, { recursive: true })
    reserveLocks(join(path, 'lock.mdb'))
    if (nativeStatus().isPresent) openChanges(directory).close()
    const data = statSync(join(path, 'data.mdb'), { throwIfNoEntry: false })
    return (data !== undefined && data.size > emptyBytesMax) || !isDiskFull(path)
  } catch (error) {
    const { code, cause } = error as NodeJS.ErrnoException
    if (fullCodes.has(code ?? '') || fullCodes.has((cause as NodeJS.ErrnoException)?.code ?? '')) return false
    throw error
  }
}

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

function reserveLocks(path: string): void {
  const descriptor = openSync(path, 'a+', 0o664)
  try {
    // One that is there keeps its length: others may be using it.
    reserve(descriptor, fstatSync(descriptor).size || locksBytes)
  } finally {
    closeSync(descriptor)
  }
}

export function noRoom(directory: string): EdgeError {
  return storeError('store-full', `there is no room for an index in ${indexDirectory(directory)}`)
}

/** As `openLmdbStore`; where the disk has no room, what is put is refused with `store-full` until it has. */
export function openIndex(options: LmdbStoreOptions, isRoomy = hasRoom): LmdbStore {
  if (isRoomy(options.directory)) return openLmdbStore(options)
  options.log('warn', 'nothing is stored: the disk of the cache is full', {
    path: indexDirectory(options.directory),
  })
  return new LateIndex(options, isRoomy)
}

class LateIndex implements LmdbStore {
  readonly #options: LmdbStoreOptions
  readonly #isRoomy: typeof hasRoom
  #index: LmdbStore | undefined
  #isClosed = false
  #triedAtMs: number

  constructor(options: LmdbStoreOptions, isRoomy: typeof hasRoom) {
    this.#options = options
    this.#isRoomy = isRoomy
    this.#triedAtMs = this.#nowMs()
  }

  get isFull(): boolean {
    return this.#index?.isFull ?? false
  }

  get(key: string, nowMs?: number): Entry | undefined {
    return this.#index?.get(key, nowMs)
  }

  refresh(keys?: readonly string[]): void {
    this.#index?.refresh(keys)
  }

  readPurges(after: number): PurgeNews | undefined {
    return this.#index?.readPurges(after)
  }

  hurry(): void {
    this.#index?.hurry()
  }

  async put(key: string, record: Uint8Array): Promise<void> {
    const index = this.#opened()
    if (index === undefined) throw noRoom(this.#options.directory)
    return index.put(key, record)
  }

  async remove(key: string): Promise<void> {
    return this.#index?.remove(key)
  }

  status(): StoreStatus {
    return this.#index?.status() ?? { entries: 0, bytes: 0 }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#index?.close()
  }

  #opened(): LmdbStore | undefined {
    if (this.#index !== undefined || this.#isClosed) return this.#index
    const nowMs = this.#nowMs()
    if (Math.abs(nowMs - this.#triedAtMs) < tryEveryMs) return undefined
    this.#triedAtMs = nowMs
    const { directory, log } = this.#options
    if (!this.#isRoomy(directory)) return undefined
    this.#index = openLmdbStore(this.#options)
    log('info', 'the disk of the cache has room again: storing', { path: indexDirectory(directory) })
    return this.#index
  }

  #nowMs(): number {
    return (this.#options.now ?? Date.now)()
  }
}
