// The word that tells every worker of every version on this host that something was purged: the highest sequence of a
// rule that is on the disk. What the rules are, and who obeys them, is not known here.
import { purgeLayout } from './layout.js'

export class PurgeWord {
  readonly #wide: BigUint64Array
  readonly #narrow: Int32Array
  readonly #low = purgeLayout.offsets.sequence / 4

  constructor(buffer: ArrayBuffer) {
    this.#wide = new BigUint64Array(buffer)
    this.#narrow = new Int32Array(buffer)
  }

  /**
   * The low half of the sequence as an integer of 32 bits, for every request to compare with what it was: makes no
   * garbage, as a 64-bit number would. It differs unless there were four thousand million purges between.
   */
  mark(): number {
    return Atomics.load(this.#narrow, this.#low)
  }

  /** Where the mark is. */
  place(): [words: Int32Array, at: number] {
    return [this.#narrow, this.#low]
  }

  sequence(): number {
    return Number(Atomics.load(this.#wide, purgeLayout.offsets.sequence / 8))
  }

  /** Never goes back: of several who raise it, the highest stays. */
  raise(sequence: number): void {
    const at = purgeLayout.offsets.sequence / 8
    const next = BigInt(sequence)
    for (let now = Atomics.load(this.#wide, at); now < next; ) {
      const seen = Atomics.compareExchange(this.#wide, at, now, next)
      if (seen === now) return
      now = seen
    }
  }
}
