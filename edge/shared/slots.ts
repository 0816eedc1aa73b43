// The fill slots as memory: loads, stores and swaps of their fields, every one of them atomic, so that what is written
// before a word is seen by who has seen the word. What the values mean and when they change is claim.ts's and fills.ts's.
import type { KeyHash } from './key-hash.js'
import type { Zone } from './layout.js'
import { freeState, packWord, type SlotWord, stateMask, unpackWord } from './slot-word.js'

/** What is about to be written: a test stops a writer there. */
export type Step = (typeof steps)[number]
export const steps = [
  'take',
  'key',
  'fence',
  'offer',
  'settle',
  'evict',
  'withdraw',
  'place',
  'written',
  'publish',
  'advance',
  'complete',
  'time',
  'release',
  'orphan',
  'take-over',
  'retire',
  'free',
] as const

/** Where the body of a fill is: bytes from `offset` of a segment; `total` is undefined while its length is unknown. */
export interface Place {
  readonly segment: number
  readonly offset: number
  readonly total: number | undefined
}

export interface SlotsOptions {
  buffer: ArrayBuffer
  zone: Zone<'word' | 'written' | 'fence' | 'segment' | 'offset' | 'total' | 'timeMs' | 'key'>
  /** Called before everything that is written. */
  beforeStep?: (step: Step) => void
}

const wideBytes = 8
const narrowBytes = 4
const keyWords = 4

export class Slots {
  readonly count: number
  readonly #wide: BigUint64Array
  readonly #narrow: Int32Array
  readonly #zone: SlotsOptions['zone']
  readonly #beforeStep: ((step: Step) => void) | undefined

  constructor({ buffer, zone, beforeStep }: SlotsOptions) {
    this.count = zone.records
    this.#zone = zone
    this.#wide = new BigUint64Array(buffer)
    this.#narrow = new Int32Array(buffer)
    this.#beforeStep = beforeStep
  }

  /** The word as it lies there; to be given back to `swap`. */
  bits(slot: number): bigint {
    return Atomics.load(this.#wide, this.#at(slot, 'word'))
  }

  /** Whether nobody has it: the low half of the word says that, and costs no number of 64 bits. */
  isFree(slot: number): boolean {
    const at = this.#at(slot, 'word') * (wideBytes / narrowBytes)
    return (Atomics.load(this.#narrow, at) & stateMask) === freeState
  }

  /**
   * Those that were not free just now, for who looks at all of them: their words are to be read. Plain loads, as nothing is
   * concluded from what they see, and atomic ones cost ten times as much.
   */
  taken(): number[] {
    const found: number[] = []
    const words = this.#narrow
    const step = this.#zone.recordBytes / narrowBytes
    let at = this.#at(0, 'word') * (wideBytes / narrowBytes)
    for (let slot = 0; slot < this.count; slot += 1, at += step) {
      if ((words[at]! & stateMask) !== freeState) found.push(slot)
    }
    return found
  }

  /** False, and nothing happened, when the word is not `from` any more. */
  swap(slot: number, from: bigint, to: SlotWord, step: Step): boolean {
    this.#beforeStep?.(step)
    return Atomics.compareExchange(this.#wide, this.#at(slot, 'word'), from, packWord(to)) === from
  }

  /**
   * Tries `change` of the word as it is, until it was swapped in or `change` has nothing to do (undefined). Others
   * only ever add a flag or end the turn, so this ends.
   */
  update(slot: number, step: Step, change: (word: SlotWord) => SlotWord | undefined): boolean {
    for (;;) {
      const bits = this.bits(slot)
      const next = change(unpackWord(bits))
      if (next === undefined) return false
      if (this.swap(slot, bits, next, step)) return true
    }
  }

  hasKey(slot: number, hash: KeyHash): boolean {
    const at = this.#keyAt(slot)
    for (let word = 0; word < keyWords; word++) {
      if (Atomics.load(this.#narrow, at + word) !== hash[word]) return false
    }
    return true
  }

  writeKey(slot: number, hash: KeyHash): void {
    const at = this.#keyAt(slot)
    for (let word = 0; word < keyWords; word++) {
      this.#beforeStep?.('key')
      Atomics.store(this.#narrow, at + word, hash[word])
    }
  }

  writeFence(slot: number, fence: number): void {
    this.#store(slot, 'fence', BigInt(fence), 'fence')
  }

  fence(slot: number): number {
    return Number(this.#load(slot, 'fence'))
  }

  writePlace(slot: number, { segment, offset, total }: Place): void {
    this.#store(slot, 'segment', BigInt(segment), 'place')
    this.#store(slot, 'offset', BigInt(offset), 'place')
    this.#store(slot, 'total', total === undefined ? 0n : BigInt(total) + 1n, 'place')
  }

  place(slot: number): Place {
    const total = this.#load(slot, 'total')
    return {
      segment: Number(this.#load(slot, 'segment')),
      offset: Number(this.#load(slot, 'offset')),
      total: total === 0n ? undefined : Number(total - 1n),
    }
  }

  writeWritten(slot: number, bits: bigint): void {
    this.#store(slot, 'written', bits, 'written')
  }

  written(slot: number): bigint {
    return this.#load(slot, 'written')
  }

  swapWritten(slot: number, from: bigint, to: bigint): boolean {
    this.#beforeStep?.('advance')
    return Atomics.compareExchange(this.#wide, this.#at(slot, 'written'), from, to) === from
  }

  /** Several may write it at once, all of them nearly the same: the time at which they saw an owner gone. */
  writeTimeMs(slot: number, timeMs: number): void {
    this.#store(slot, 'timeMs', BigInt(timeMs), 'time')
  }

  timeMs(slot: number): number {
    return Number(this.#load(slot, 'timeMs'))
  }

  #load(slot: number, field: keyof SlotsOptions['zone']['at']): bigint {
    return Atomics.load(this.#wide, this.#at(slot, field))
  }

  #store(slot: number, field: keyof SlotsOptions['zone']['at'], value: bigint, step: Step): void {
    this.#beforeStep?.(step)
    Atomics.store(this.#wide, this.#at(slot, field), value)
  }

  #at(slot: number, field: keyof SlotsOptions['zone']['at']): number {
    const { offset, recordBytes, at } = this.#zone
    return (offset + slot * recordBytes + at[field]) / wideBytes
  }

  #keyAt(slot: number): number {
    const { offset, recordBytes, at } = this.#zone
    return (offset + slot * recordBytes + at.key) / narrowBytes
  }
}
