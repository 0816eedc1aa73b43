// Everything that control knows, in one LMDB file: written in transactions that are all or nothing, and on the disk before
// anybody is told.
import { randomInt } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { open, type RootDatabase, type Database as Table } from 'lmdb'
import type { AuditEntry } from './audit.js'
import type { EdgeRow } from './edges.js'
import type { FeedRow } from './feed.js'
import { whyNoDatabase } from './frame.js'
import { migrate } from './migrations.js'
import type { PurgeRow, ReceiptRow } from './purges.js'
import type { QuotaRow } from './quotas.js'
import type { SiteRow, VersionRow } from './rows.js'
import type { TokenRow } from './tokens.js'

/** What was answered under an Idempotency-Key. */
export interface ReplyRow {
  /** Counts up: the oldest is the lowest. */
  readonly sequence: number
  readonly fingerprint: string
  readonly atMs: number
  readonly status: number
  readonly body: unknown
  readonly etag: string | undefined
}

export interface Tables {
  readonly sites: Table<SiteRow, string>
  /** Of what edges serve: which site has a host. */
  readonly hosts: Table<string, string>
  /** Under `NAME/NUMBER`, the number in ten digits. */
  readonly versions: Table<VersionRow, string>
  readonly tokens: Table<TokenRow, string>
  readonly audit: Table<AuditEntry, number>
  readonly replies: Table<ReplyRow, string>
  /** Keys of `replies` by their sequence. */
  readonly replyOrder: Table<string, number>
  readonly edges: Table<EdgeRow, string>
  readonly feed: Table<FeedRow, number>
  readonly purges: Table<PurgeRow, string>
  /** By purge and edge. */
  readonly receipts: Table<ReceiptRow, string>
  /** Of a site and an hour, over all edges; under `SITE/HOUR`, the hour in seven digits. */
  readonly usage: Table<readonly number[], string>
  /** Of a site and a month, UTC; under `SITE/YYYY-MM`. */
  readonly usageMonths: Table<readonly number[], string>
  /** What a file of an edge has said last; under `FILE/SITE/HOUR`. */
  readonly usageSaid: Table<readonly number[], string>
  /** Files of which everything is counted, by their id; when that was. */
  readonly usageDone: Table<number, string>
  readonly quotas: Table<QuotaRow, string>
  /** `revision` counts up at each activation, `position` with each entry of the feed; `epoch` is of this state alone. */
  readonly meta: Table<number, string>
}

/** In `state.directory`. */
export const stateFile = 'control.mdb'

/** lmdb's flag of a transaction that is undone when its work throws. */
const abortable = 1

/** Positions in the feed of one state say nothing of another, not of an older copy of itself either. */
export function newEpoch(): number {
  return randomInt(1, 2 ** 47)
}

export class Database {
  readonly tables: Tables
  readonly #root: RootDatabase
  readonly #directory: string

  /** Throws what lmdb throws when the directory cannot be used. */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#directory = directory
    const path = `${directory}/${stateFile}`
    const reason = statSync(path, { throwIfNoEntry: false })?.size ? whyNoDatabase(path, false) : undefined
    if (reason !== undefined) throw new Error(`${path}: ${reason}`)
    this.#root = open({ path, noSubdir: true, maxDbs: 32, encoding: 'json' })
    const table = <Row, Key extends string | number>(name: string): Table<Row, Key> =>
      this.#root.openDB<Row, Key>({ name, encoding: 'json' })
    this.tables = {
      sites: table('sites'),
      hosts: table('hosts'),
      versions: table('versions'),
      tokens: table('tokens'),
      audit: table('audit'),
      replies: table('replies'),
      replyOrder: table('replyOrder'),
      edges: table('edges'),
      feed: table('feed'),
      purges: table('purges'),
      receipts: table('receipts'),
      usage: table('usage'),
      usageMonths: table('usageMonths'),
      usageSaid: table('usageSaid'),
      usageDone: table('usageDone'),
      quotas: table('quotas'),
      meta: table('meta'),
    }
    this.#prepare()
  }

  /** A copy of all of it as it is now, beside it; the caller removes the file. */
  async backup(name: string): Promise<string> {
    const path = `${this.#directory}/backup-${name}.mdb`
    await this.#root.backup(path, true)
    return path
  }

  /** Throws when it is of a later version. */
  #prepare(): void {
    try {
      this.#root.transactionSync(() => {
        const { meta, tokens } = this.tables
        migrate(this.tables, tokens.getCount() === 0 && meta.getCount() === 0)
        if (!meta.doesExist('epoch')) meta.putSync('epoch', newEpoch())
      }, abortable)
    } catch (error) {
      void this.#root.close()
      throw error
    }
  }

  /** All of it or, when it throws, nothing. Resolves when it is on the disk. */
  async commit<Result>(work: (tables: Tables) => Result): Promise<Result> {
    const result = this.#root.transactionSync(() => work(this.tables), abortable)
    await this.#root.flushed
    return result
  }

  async close(): Promise<void> {
    await this.#root.close()
  }
}
