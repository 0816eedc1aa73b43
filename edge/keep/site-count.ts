// Counts what each site takes of the cache, at leisure, where a site has a floor or a ceiling: a walk through the index.
import type { SiteConfig } from '../../config/settings.js'
import type { StoreLog } from '../cache/commit.js'
import type { Databases } from '../cache/databases.js'
import { decodeEntry } from '../cache/entry.js'
import { type SiteBytes, writeSiteBytes } from '../cache/site-bytes.js'
import { readStoredKey } from '../cache/stored-url.js'

/** Entries looked at in one turn. */
const pieceEntries = 256
/** For every millisecond of work so many of rest. */
const restPerWork = 3

export interface SiteCountOptions {
  cacheDirectory: string
  sites: readonly SiteConfig[]
  databases: () => Databases
  /** Ids of the segments that are there: a body in another one takes nothing. */
  segments: () => Promise<ReadonlySet<number>>
  log: StoreLog
}

export class SiteCount {
  readonly #options: SiteCountOptions
  readonly #floors: ReadonlyMap<string, number>
  readonly #isWanted: boolean
  #known: SiteBytes | undefined
  #counting: Promise<void> | undefined
  #isStopped = false

  constructor(options: SiteCountOptions) {
    const { sites } = options
    this.#options = options
    this.#floors = new Map(sites.map(({ name, cache }) => [name, cache.bytesMin]))
    this.#isWanted = sites.some(({ cache }) => cache.bytesMin > 0 || cache.bytesMax !== undefined)
  }

  /** Counts, if any site has a floor or a ceiling; who asks meanwhile gets that count. Never rejects. */
  tend(): Promise<void> {
    if (!this.#isWanted) return Promise.resolve()
    this.#counting ??= this.#count().finally(() => {
      this.#counting = undefined
    })
    return this.#counting
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#counting
  }

  /** Whether the entry is of a site that has less than its floor. */
  isFavoured(stored: string): boolean {
    if (this.#known === undefined) return false
    const site = readStoredKey(stored)?.site ?? ''
    return (this.#known[site] ?? 0) < (this.#floors.get(site) ?? 0)
  }

  async #count(): Promise<void> {
    const { cacheDirectory, log } = this.#options
    try {
      const counted = await this.#walk()
      if (counted === undefined) return
      this.#known = counted
      await writeSiteBytes(cacheDirectory, counted)
    } catch (error) {
      log('warn', 'what each site stores could not be counted', { error })
    }
  }

  async #walk(): Promise<SiteBytes | undefined> {
    const segments = await this.#options.segments()
    const counted: Record<string, number> = Object.create(null)
    for (let after: string | undefined = ''; after !== undefined; ) {
      if (this.#isStopped) return undefined
      const beganMs = performance.now()
      after = this.#addPiece(counted, after, segments)
      const restMs = (performance.now() - beganMs) * restPerWork
      await new Promise(resolve => setTimeout(resolve, restMs))
    }
    return counted
  }

  /** Returns where to go on; undefined at the end. */
  #addPiece(
    counted: Record<string, number>,
    after: string,
    segments: ReadonlySet<number>,
  ): string | undefined {
    const { root, entries } = this.#options.databases()
    root.resetReadTxn()
    let seen = 0
    let last = ''
    for (const { key, value } of entries.getRange({ start: `${after}\0`, limit: pieceEntries })) {
      seen += 1
      last = key
      const site = readStoredKey(key)?.site ?? ''
      const entry = decodeEntry(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
      const place = entry?.kind === 'response' ? entry.place : undefined
      const bodyBytes = place !== undefined && segments.has(place.segment) ? place.bytes : 0
      if (site !== '') counted[site] = (counted[site] ?? 0) + key.length + value.byteLength + bodyBytes
    }
    return seen < pieceEntries ? undefined : last
  }
}
