// One body on its way into the store, and out to all who wait for it, each at its own pace. What is short is collected in
// memory; what is longer goes to a segment as it comes, and who is behind reads it there, so that nobody slows anybody and
// nothing grows. What becomes too large for the store goes on only for those who have begun to read it, and then no
// further ahead than `aheadBytesMax` of the slowest. Which answers are collected is admit.ts's.
import type { Body, BodyReader, Piece } from './body.js'
import type { Content } from './entry.js'
import { FillBytes, memoryBytesMax } from './fill-bytes.js'
import type { Bodies } from './segment-reads.js'
import type { PlaceSoFar } from './segments/segments.js'

/** Bytes of answers that this worker keeps in memory for the store (`cache.fillBytesMax`). */
export interface FillBudget {
  used: number
  readonly max: number
}

export interface FillOptions {
  budget: FillBudget
  /** Longer bodies are not stored. */
  bodyBytesMax: number
  /** Where longer ones go; without it all of a body is collected in memory. */
  bodies?: Bodies | undefined
  /** Length of the body, if known. */
  promised: number | undefined
  /** Told when it turns out too large to be stored, or there is no room for it. */
  onTooLarge?: (() => void) | undefined
  /** Stores the whole body; never rejects. */
  keep: (content: Content) => Promise<void>
  /** The last of it could not be written. */
  onFailure?: ((error: unknown) => void) | undefined
}

/** Told, in order, how much of a fill others can read in its segment; `whole` or `broken` once, at the end. */
export type OnWritten = (place: PlaceSoFar, progress: 'open' | 'whole' | 'broken') => void

/** Bytes that a body which is not stored may be ahead of its slowest reader before the origin has to wait. */
const aheadBytesMax = 256 * 1024

/** `storing`: to be stored; `passing`: too large for that, read on; `whole`: the last byte is there; else given up. */
type FillState = 'storing' | 'passing' | 'whole' | 'over'

export class Fill implements Body {
  readonly length: number | undefined
  readonly #options: FillOptions
  readonly #bytes: FillBytes
  readonly #readers = new Set<BodyReader>()
  #state: FillState = 'storing'
  /** Bytes of the budget that are ours. */
  #held = 0
  #isKept = false
  #onWritten: OnWritten | undefined
  /** Called when the origin may go on after `add` returned false. */
  onRoom: (() => void) | undefined = undefined

  constructor(options: FillOptions) {
    this.#options = options
    this.length = options.promised
    this.#bytes = new FillBytes(options.promised)
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
    return this.#state === 'storing' || (this.#state === 'whole' && this.#bytes.isWhole)
  }

  /** All bytes are there. */
  get isWhole(): boolean {
    return this.#state === 'whole'
  }

  /** Copies the chunk. False asks the origin to wait for `onRoom`. */
  add(chunk: Uint8Array): boolean {
    if (this.#state === 'storing') this.#makeRoom(chunk.length)
    if (!this.isWanted) return true
    const mayGoOn = this.#bytes.append(chunk)
    this.#account()
    this.#wakeAll()
    return mayGoOn && this.#hasRoom()
  }

  /** Only while `isReadable`. */
  attach(reader: BodyReader): void {
    this.#readers.add(reader)
  }

  /**
   * Lets others read along who cannot read this memory: what came is written too, however little. Undefined when it
   * cannot be, now or any more; else what can be read by now, and `onWritten` is called from then on.
   */
  showTo(onWritten: OnWritten): PlaceSoFar | undefined {
    const { bodies } = this.#options
    if (this.#state !== 'storing' || bodies === undefined) return undefined
    if (!this.#bytes.isInSegment && !this.#moveTo(bodies)) return undefined
    this.#onWritten = onWritten
    return this.#bytes.written()
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    if (this.#state === 'over') return 'broken'
    return this.#bytes.read(reader, bytesMax) ?? (this.#state === 'whole' ? 'end' : 'later')
  }

  progressed(): void {
    if (this.#state !== 'passing') return
    this.#trim()
    if (this.#hasRoom()) this.onRoom?.()
  }

  detach(reader: BodyReader): void {
    if (!this.#readers.delete(reader)) return
    this.#bytes.forget(reader)
    if (this.#readers.size > 0) return this.progressed()
    if (this.#state === 'passing') {
      this.#end()
      this.onRoom?.()
    } else this.#releaseIfDone()
  }

  /** The body is complete: readers end, and it is stored. Resolves when others see it. */
  async complete(): Promise<void> {
    if (!this.isWanted) return
    const isStored = this.#state === 'storing'
    this.#state = 'whole'
    this.#wakeAll()
    if (isStored) await this.#store()
    this.#isKept = true
    this.#releaseIfDone()
  }

  /** It will not be complete: nothing is stored, and readers are told. */
  discard(): void {
    if (!this.isWanted) return
    this.#tell('broken')
    this.#end()
    this.#wakeAll()
    this.#readers.clear()
  }

  async #store(): Promise<void> {
    try {
      const finished = this.#bytes.finish()
      // Others read along, in other workers: what they are to read need not wait to be written with more.
      if (this.#onWritten !== undefined) this.#options.bodies?.segments.hurry()
      const content = await finished
      if (!(content instanceof Uint8Array)) this.#tell('whole')
      await this.#options.keep(content)
    } catch (error) {
      this.#account()
      this.#tell('broken')
      this.#options.onFailure?.(error)
    }
  }

  /** Before so many bytes more: goes on in a segment when it is time, and gives up when it is too much. */
  #makeRoom(bytes: number): void {
    const { budget, bodyBytesMax, bodies } = this.#options
    const total = this.#bytes.bytes + bytes
    if (total > bodyBytesMax) return this.#giveUpStoring()
    if (this.#bytes.isInSegment) return
    const isLong = bodies !== undefined && total > memoryBytesMax
    const hasRoom = isLong ? this.#moveTo(bodies) : budget.used + bytes <= budget.max
    if (!hasRoom) this.#giveUpStoring()
  }

  #moveTo(bodies: Bodies): boolean {
    return this.#bytes.moveTo(bodies, {
      onGrow: () => {
        this.#account()
        this.#tell('open')
      },
      onRoom: () => this.onRoom?.(),
      onBroken: () => {
        this.#giveUpStoring()
        if (this.#hasRoom()) this.onRoom?.()
      },
    })
  }

  #giveUpStoring(): void {
    if (this.#state !== 'storing') return
    this.#tell('broken')
    this.#options.onTooLarge?.()
    if (this.#readers.size === 0) return this.#end()
    this.#state = 'passing'
    this.#bytes.stopWriting()
    this.#trim()
  }

  /** What all have read is let go; only for what is not stored. */
  #trim(): void {
    this.#bytes.dropBefore(this.#slowestAt())
    this.#account()
  }

  #slowestAt(): number {
    let slowestAt = this.#bytes.bytes
    for (const { at } of this.#readers) slowestAt = Math.min(slowestAt, at)
    return slowestAt
  }

  #hasRoom(): boolean {
    return this.#state !== 'passing' || this.#bytes.bytes - this.#slowestAt() <= aheadBytesMax
  }

  #wakeAll(): void {
    for (const reader of [...this.#readers]) reader.wake()
  }

  #releaseIfDone(): void {
    if (this.#state === 'whole' && this.#isKept && this.#readers.size === 0) this.#end()
  }

  #end(): void {
    this.#state = 'over'
    this.#bytes.close()
    this.#account()
  }

  #tell(progress: 'open' | 'whole' | 'broken'): void {
    const tell = this.#onWritten
    if (tell === undefined) return
    if (progress !== 'open') this.#onWritten = undefined
    tell(this.#bytes.written()!, progress)
  }

  #account(): void {
    const { memoryBytes } = this.#bytes
    this.#options.budget.used += memoryBytes - this.#held
    this.#held = memoryBytes
  }
}
