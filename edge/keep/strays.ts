// Entries whose bodies left without them: a worker that needs room at once removes a segment as it is, and so does whoever
// empties the directory. They answer nothing any more; here they leave the index, soon and at leisure. They are looked for where
// they stand in the order of storing: between the making of the segments that left and the last that was written to them.
import type { StoreLog } from '../cache/commit.js'
import { type Databases, readRecord } from '../cache/databases.js'
import { orderKey, splitOrderKey } from '../cache/key-bytes.js'
import type { SegmentFile } from '../cache/segments/directory.js'
import { commitSlackMs, type Lodger, placeOf } from './lodgers.js'
import { settle } from './settle.js'

export interface StraysOptions {
  databases: () => Databases
  log: StoreLog
  /** Monotonic, milliseconds; performance.now when absent. */
  now?: () => number
}

/** Wall clock, milliseconds. */
interface Times {
  fromMs: number
  toMs: number
}

/** Entries looked at in one turn, and so the deletions of one transaction. */
const pieceEntries = 256
/** For every millisecond of work so many of rest: whoever serves needs the disk and the cores. */
const restPerWork = 3
/** All is looked at, too, so much at a time: for what left before this process began, or was committed later than is thought of. */
const wholePieces = 8
const wholeEveryMs = 3_600_000
const endOfAll = orderKey(Number.MAX_VALUE, '')

export class Strays {
  readonly #options: StraysOptions
  /** As of the last look at the directory. */
  #files: ReadonlyMap<number, SegmentFile> = new Map()
  #newest = 0
  /** Where entries may stand whose bodies left. */
  #times: Times | undefined
  /** Where to go on with all; undefined: it was looked at. */
  #whole: string | undefined = ''
  #wholeAtMs: number
  #tending: Promise<void> | undefined
  #isStopped = false
  /** Entries that left the index. */
  dropped = 0

  constructor(options: StraysOptions) {
    this.#options = options
    this.#wholeAtMs = this.#now()
  }

  /** All segments that there are now. `emptied`: whose entries left with them. */
  note(files: readonly SegmentFile[], emptied: ReadonlySet<number>): void {
    const there = new Map(files.map(file => [file.id, file]))
    for (const file of this.#files.values()) {
      if (!there.has(file.id) && !emptied.has(file.id)) this.#widen(file)
    }
    this.#files = there
    this.#newest = files.at(-1)?.id ?? 0
  }

  /** Looks where something has left since; who asks meanwhile gets that look. Never rejects. */
  tend(): Promise<void> {
    this.#tending ??= this.#tend().finally(() => {
      this.#tending = undefined
    })
    return this.#tending
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#tending
  }

  #now(): number {
    return (this.#options.now ?? (() => performance.now()))()
  }

  /** The id is the time at which the segment was made, but for some that were made in one millisecond (segments/create.ts). */
  #widen({ id, writtenMs }: SegmentFile): void {
    const { fromMs, toMs } = this.#times ?? { fromMs: id, toMs: writtenMs }
    this.#times = { fromMs: Math.min(fromMs, id), toMs: Math.max(toMs, writtenMs) }
  }

  async #tend(): Promise<void> {
    // With no segment at all it is not known which ids were there.
    if (this.#files.size === 0) return
    const { dropped } = this
    try {
      await this.#lookWhereSomethingLeft()
      await this.#goOnWithAll()
      const entries = this.dropped - dropped
      if (entries > 0) this.#options.log('debug', 'entries without their bodies left the index', { entries })
    } catch (error) {
      this.#whole = ''
      this.#options.log('warn', 'entries without their bodies could not be removed', { error })
    }
  }

  async #lookWhereSomethingLeft(): Promise<void> {
    if (this.#times === undefined) return
    const { fromMs, toMs } = this.#times
    this.#times = undefined
    const end = orderKey(toMs + commitSlackMs, '')
    let next: string | undefined = orderKey(Math.max(fromMs - commitSlackMs, 0), '')
    while (next !== undefined && !this.#isStopped) next = await this.#lookAtPiece(next, end)
  }

  async #goOnWithAll(): Promise<void> {
    if (this.#now() - this.#wholeAtMs >= wholeEveryMs) {
      this.#wholeAtMs = this.#now()
      this.#whole ??= ''
    }
    for (let pieces = 0; pieces < wholePieces && this.#whole !== undefined && !this.#isStopped; pieces += 1) {
      this.#whole = await this.#lookAtPiece(this.#whole, endOfAll)
    }
  }

  /** Returns where to go on; undefined at the end. */
  async #lookAtPiece(start: string, end: string): Promise<string | undefined> {
    const beganMs = performance.now()
    const databases = this.#options.databases()
    databases.root.resetReadTxn()
    const keys = [...databases.order.getKeys({ start, end, limit: pieceEntries })]
    const strays: Lodger[] = []
    for (const key of keys) {
      const { stored, stampMs } = splitOrderKey(key)
      const place = placeOf(readRecord(databases, stored, stampMs))
      if (place !== undefined && this.#isGone(place.segment))
        strays.push({ stored, stampMs, bytes: place.bytes })
    }
    if (strays.length > 0) this.dropped += settle(databases, strays).dropped
    await new Promise(resolve => setTimeout(resolve, (performance.now() - beganMs) * restPerWork))
    return keys.length < pieceEntries ? undefined : `${keys.at(-1)!}\0`
  }

  /** Ids only grow: one that is larger than all that were seen may have come since. */
  #isGone(segment: number): boolean {
    return segment <= this.#newest && !this.#files.has(segment)
  }
}
