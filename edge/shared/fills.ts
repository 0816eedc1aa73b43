// The fills of a host: who fetches what, how far it is, and what becomes of the fills of the dead. Each verb is one
// compare-and-swap; what it publishes is written before. Who leads is claim.ts's; waking those who wait is mesh.ts's.
import { type Claim, claim, type FillRef } from './claim.js'
import type { KeyHash } from './key-hash.js'
import type { CounterName } from './layout.js'
import { type Census, censusOf, freeOrphans, orphanFills, ownersOf } from './orphans.js'
import {
  adoptedWord,
  freedWord,
  isLed,
  ledStates,
  type SlotState,
  type SlotWord,
  unpackWord,
} from './slot-word.js'
import type { Place, Slots } from './slots.js'

export interface FillsOptions {
  slots: Slots
  /** The number of this worker. */
  owner: number
  count(name: CounterName): void
  /** Milliseconds of a clock that all processes of the host share. */
  nowMs(): number
}

/** What somebody who follows sees of a fill, all of it of one moment. */
export interface FillView {
  readonly state: Exclude<SlotState, 'free' | 'preparing'>
  readonly owner: number
  /** Its owner is gone: `takeOver` it, or follow who does. */
  readonly isOrphaned: boolean
  readonly isRetired: boolean
  readonly fence: number
  /** So many milliseconds before now it was begun, or became an orphan; more where an older version of the edge began it. */
  readonly agoMs: number
  /** While `filling` and `whole`. */
  readonly place: Place | undefined
  /** So many bytes from the start of the place are written. */
  readonly bytes: number
}

/** The low bits of the owner's number stand above 48 bits of bytes, so that only the owner can add to them. */
const bytesBits = 48n
const bytesMask = (1n << bytesBits) - 1n
const ownerTagMask = 0xffff
const bytesMax = Number(bytesMask)
/** How often a fill may change while one looks at it; each change but a few is a death. */
const rereadsMax = 100

export class Fills {
  readonly #slots: Slots
  readonly #owner: number
  readonly #options: FillsOptions

  constructor(options: FillsOptions) {
    this.#options = options
    this.#slots = options.slots
    this.#owner = options.owner
  }

  /** Whether to fetch the key, and for whom. `fence`: the purge sequence now. */
  claim(hash: KeyHash, fence: number): Claim {
    const claimed = claim(this.#slots, { hash, fence, owner: this.#owner, nowMs: this.#options.nowMs() })
    this.#options.count(counterOf[claimed.kind])
    return claimed
  }

  /** The head came and is to be read at `place`. False when the fill is not ours (any more), or was published. */
  publish(fill: FillRef, place: Place): boolean {
    checkPlace(place)
    if (!this.#isOwn(unpackWord(this.#slots.bits(fill.slot)), fill, ['asking'])) return false
    this.#slots.writePlace(fill.slot, place)
    this.#slots.writeWritten(fill.slot, this.#written(0))
    return this.#move(fill, ['asking'], 'publish', word => ({ ...word, state: 'filling' }))
  }

  /** `bytes` from the start of the place are written; never fewer than before. False when the fill is not ours. */
  advance(fill: FillRef, bytes: number): boolean {
    const before = this.#slots.written(fill.slot)
    const next = this.#written(bytes)
    if (!this.#isOwn(unpackWord(this.#slots.bits(fill.slot)), fill, ['filling'])) return false
    if (before >> bytesBits !== next >> bytesBits) return false
    if (next < before) throw new RangeError(`a fill has ${before & bytesMask} bytes and cannot have ${bytes}`)
    return this.#slots.swapWritten(fill.slot, before, next)
  }

  /** Every byte is there, as many as `advance` said. Others join until `free`: call it when the store has the entry. */
  complete(fill: FillRef): boolean {
    return this.#move(fill, ['filling'], 'complete', word => ({ ...word, state: 'whole' }))
  }

  /** What came is not for all: who follows asks alone, and so does who comes within `forMs`. */
  release(fill: FillRef, forMs: number): boolean {
    if (!this.#isOwn(unpackWord(this.#slots.bits(fill.slot)), fill, ['asking', 'filling'])) return false
    this.#slots.writeTimeMs(fill.slot, this.#options.nowMs() + Math.ceil(forMs))
    return this.#move(fill, ['asking', 'filling'], 'release', word => ({
      ...freedWord(word),
      state: 'unshared',
    }))
  }

  /** The fetch failed or cannot go on: who follows, or comes now, may take it over; `freeOrphans` ends it otherwise. */
  abandon(fill: FillRef): boolean {
    if (!this.#isOwn(unpackWord(this.#slots.bits(fill.slot)), fill, ledStates)) return false
    this.#slots.writeTimeMs(fill.slot, this.#options.nowMs())
    return this.#move(fill, ledStates, 'orphan', word => ({ ...word, isOrphaned: true }))
  }

  /** It is over: the store has it, or nobody ever will. */
  free(fill: FillRef): boolean {
    return this.#move(fill, ledStates, 'free', freedWord)
  }

  /** Nobody joins it any more, who follows stays: a purge or a write went over the key. Anybody's to say. */
  retire(fill: FillRef): boolean {
    return this.#slots.update(fill.slot, 'retire', word =>
      isUse(word, fill) && isLed(word) && !word.isRetired ? { ...word, isRetired: true } : undefined,
    )
  }

  /**
   * Makes an orphan ours: true to one of all who try; it is `asking` then, whatever it was. The others follow, the
   * fill is the same. Read it before: what had been published cannot be read after.
   */
  takeOver(fill: FillRef): boolean {
    const isTaken = this.#slots.update(fill.slot, 'take-over', word =>
      isUse(word, fill) && word.isOrphaned ? adoptedWord(word, this.#owner) : undefined,
    )
    if (isTaken) this.#options.count('fillsTakenOver')
    return isTaken
  }

  /** Undefined when it is over: look into the store, and claim again. */
  read(fill: FillRef): FillView | undefined {
    for (let reread = 0; reread < rereadsMax; reread++) {
      const bits = this.#slots.bits(fill.slot)
      const word = unpackWord(bits)
      if (!isUse(word, fill)) return undefined
      const view = this.#view(fill.slot, word)
      // Whatever the slot's owner writes next, he changes the word before.
      if (this.#slots.bits(fill.slot) === bits) return view
    }
    return undefined
  }

  /**
   * The owner is gone, that is: its process runs no more, or has left the mesh. Its fills can be taken over; those that
   * nobody could know of are freed. Any number of workers may say so. Returns its fills that are orphans now.
   */
  orphan(owner: number): FillRef[] {
    return orphanFills(this.#slots, owner, this.#options.nowMs())
  }

  /** Ends the orphans that nobody took over for `olderMs`; returns how many. Any worker's to do, now and then. */
  freeOrphans(olderMs: number): number {
    return freeOrphans(this.#slots, this.#options.nowMs() - olderMs)
  }

  /** The numbers of all who have a fill that is no orphan. */
  owners(): Set<number> {
    return ownersOf(this.#slots)
  }

  /** How many slots are in which state; orphans count as such. */
  census(): Census {
    return censusOf(this.#slots)
  }

  #view(slot: number, word: SlotWord): FillView {
    const isPlaced = word.state === 'filling' || word.state === 'whole'
    const written = isPlaced ? this.#slots.written(slot) : 0n
    return {
      state: word.state as FillView['state'],
      owner: word.owner,
      isOrphaned: word.isOrphaned,
      isRetired: word.isRetired,
      fence: this.#slots.fence(slot),
      agoMs: this.#options.nowMs() - this.#slots.timeMs(slot),
      place: isPlaced ? this.#slots.place(slot) : undefined,
      bytes: Number(written & bytesMask),
    }
  }

  /** From one of these states of ours to another; a flag that somebody adds meanwhile stays. */
  #move(
    fill: FillRef,
    from: readonly SlotState[],
    step: 'publish' | 'complete' | 'release' | 'orphan' | 'free',
    change: (word: SlotWord) => SlotWord,
  ): boolean {
    return this.#slots.update(fill.slot, step, word =>
      this.#isOwn(word, fill, from) ? change(word) : undefined,
    )
  }

  #isOwn(word: SlotWord, fill: FillRef, states: readonly SlotState[]): boolean {
    return isUse(word, fill) && word.owner === this.#owner && !word.isOrphaned && states.includes(word.state)
  }

  #written(bytes: number): bigint {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > bytesMax) {
      throw new RangeError(`bytes must be an integer from 0 to ${bytesMax}`)
    }
    return (BigInt(this.#owner & ownerTagMask) << bytesBits) | BigInt(bytes)
  }
}

const counterOf: Record<Claim['kind'], CounterName> = {
  lead: 'fillsLed',
  follow: 'fillsFollowed',
  unshared: 'fillsUnshared',
  full: 'fillsUncollapsed',
}

function isUse(word: SlotWord, { turn }: FillRef): boolean {
  return word.turn === turn && word.state !== 'free' && word.state !== 'preparing'
}

function checkPlace({ segment, offset, total }: Place): void {
  for (const value of [segment, offset, total ?? 0]) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('a place is made of integers from 0')
  }
}
