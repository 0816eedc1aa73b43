// One body on its way into the store, and out to all who wait for it: collected as it comes, read by each follower at
// its own pace. What becomes too large for the store goes on only for those who have begun to read it, and then no
// further ahead than `aheadBytesMax` of the slowest. Which answers are collected is admit.ts's.
import { Pages } from './pages.js'

/** Bytes of answers being collected or waiting to be committed in this worker (`cache.fillBytesMax`). */
export interface FillBudget {
  used: number
  readonly max: number
}

/** Somebody who reads a fill while it comes. */
export interface FillReader {
  /** How far it has read; its own to move. */
  readonly at: number
  /** There is more, or the end: read on. */
  grew(): void
  /** It will never be complete. */
  broke(): void
}

export interface FillOptions {
  budget: FillBudget
  /** Longer bodies are not stored. */
  bodyBytesMax: number
  /** Length of the body, if known. */
  promised: number | undefined
  /** Told when it turns out too large to be stored. */
  onTooLarge?: (() => void) | undefined
  /** Stores the whole body; never rejects. */
  keep: (body: Buffer) => Promise<void>
}

/** Bytes that a body which is not stored may be ahead of its slowest reader before the origin has to wait. */
const aheadBytesMax = 256 * 1024

/** `storing`: to be stored; `passing`: too large for that, read on; `whole`: the last byte is there; else given up. */
type FillState = 'storing' | 'passing' | 'whole' | 'over'

export class Fill {
  readonly promised: number | undefined
  readonly #options: FillOptions
  readonly #pages: Pages
  readonly #readers = new Set<FillReader>()
  #state: FillState = 'storing'
  /** Bytes of the budget that are ours. */
  #held = 0
  #isKept = false
  /** Called when the origin may go on after `add` returned false. */
  onRoom: (() => void) | undefined = undefined

  constructor(options: FillOptions) {
    this.#options = options
    this.promised = options.promised
    this.#pages = new Pages(options.promised)
  }

  /** False once it is stored, or only passed through since it is too large or there is no room. */
  get isOpen(): boolean {
    return this.#state === 'storing'
  }

  /** Somebody still wants what is to come: the store or a reader. */
  get isWanted(): boolean {
    return this.#state === 'storing' || this.#state === 'passing'
  }

  /** From the first byte to the last one, for who begins now. */
  get isReadable(): boolean {
    return this.#state === 'storing' || this.#state === 'whole'
  }

  /** Others read what is being stored, whatever becomes of the client that it was fetched for. */
  get isFollowed(): boolean {
    return this.#state === 'storing' && this.#readers.size > 0
  }

  /** All bytes are there. */
  get isWhole(): boolean {
    return this.#state === 'whole'
  }

  /** Copies the chunk. False asks the origin to wait for `onRoom`. */
  add(chunk: Uint8Array): boolean {
    if (!this.isWanted) return true
    const { budget, bodyBytesMax } = this.#options
    const isTooMuch =
      this.#pages.bytes + chunk.length > bodyBytesMax || budget.used + chunk.length > budget.max
    if (isTooMuch && this.#state === 'storing') this.#giveUpStoring()
    if (!this.isWanted) return true
    this.#pages.append(chunk)
    this.#hold(chunk.length)
    for (const reader of this.#readers) reader.grew()
    return this.#hasRoom()
  }

  /** Only while `isReadable`. `grew` is called when there is something to read; first of all by the caller itself. */
  attach(reader: FillReader): void {
    this.#readers.add(reader)
    if (this.#state === 'storing') this.onRoom?.()
  }

  /** A view of what is there from `at` on; undefined when the reader has to wait, or is at the end. */
  read(at: number): Buffer | undefined {
    return this.#pages.read(at)
  }

  isEnd(at: number): boolean {
    return this.#state === 'whole' && at === this.#pages.bytes
  }

  /** A reader has read on, and others may have waited for that. */
  progressed(): void {
    if (this.#state !== 'passing') return
    this.#trim()
    if (this.#hasRoom()) this.onRoom?.()
  }

  detach(reader: FillReader): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return this.progressed()
    if (this.#state === 'passing') {
      this.#end('over')
      this.onRoom?.()
    } else this.#releaseIfDone()
  }

  /** The body is complete: readers end, and it is stored. Resolves when others see it. */
  async complete(): Promise<void> {
    if (!this.isWanted) return
    const isStored = this.#state === 'storing'
    this.#state = 'whole'
    const body = isStored ? this.#pages.whole() : undefined
    for (const reader of [...this.#readers]) reader.grew()
    if (body !== undefined) await this.#options.keep(body)
    this.#isKept = true
    this.#releaseIfDone()
  }

  /** It will not be complete: nothing is stored, and readers are told. */
  discard(): void {
    if (!this.isWanted) return
    this.#end('over')
    for (const reader of [...this.#readers]) reader.broke()
    this.#readers.clear()
  }

  #giveUpStoring(): void {
    this.#options.onTooLarge?.()
    if (this.#readers.size === 0) return this.#end('over')
    this.#state = 'passing'
    this.#trim()
  }

  /** What all have read is let go; only for what is not stored. */
  #trim(): void {
    let slowestAt = this.#pages.bytes
    for (const { at } of this.#readers) slowestAt = Math.min(slowestAt, at)
    const before = this.#pages.keptFrom
    this.#pages.dropBefore(slowestAt)
    this.#hold(before - this.#pages.keptFrom)
  }

  #hasRoom(): boolean {
    if (this.#state !== 'passing') return true
    for (const { at } of this.#readers) if (this.#pages.bytes - at > aheadBytesMax) return false
    return true
  }

  #releaseIfDone(): void {
    if (this.#state === 'whole' && this.#isKept && this.#readers.size === 0) this.#end('over')
  }

  #end(state: 'over'): void {
    this.#state = state
    this.#hold(-this.#held)
  }

  #hold(bytes: number): void {
    this.#held += bytes
    this.#options.budget.used += bytes
  }
}
