// How often what is stored changed, by the low bits of the key's hash: what a worker keeps in its own memory is current
// as long as its counter is the same. One counter serves many keys: too many bumps cost a look-up, too few a stale answer.
import type { Layout } from './layout.js'

export class Generations {
  readonly #values: Int32Array
  readonly #header: Int32Array
  readonly #bumpsAt: number
  readonly #mask: number

  constructor(buffer: ArrayBuffer, { generations, header }: Layout) {
    this.#values = new Int32Array(buffer, generations.offset, generations.records)
    this.#header = new Int32Array(buffer)
    this.#bumpsAt = header.at.bumps / 4
    this.#mask = generations.records - 1
  }

  /** `hash`: 32 bits of the key's hash, the same in every worker. Comes round after four thousand million changes. */
  of(hash: number): number {
    return Atomics.load(this.#values, hash & this.#mask)
  }

  /** What changed is committed: call it after that. */
  bump(hash: number): void {
    // First the sum: who sees the new counter must see, looking at the sum next, that his snapshot is old.
    Atomics.add(this.#header, this.#bumpsAt, 1)
    Atomics.add(this.#values, hash & this.#mask, 1)
  }

  /** Changes with every `bump`. Load a counter first, then this: if it is what it was at the snapshot, so is the entry. */
  bumps(): number {
    return Atomics.load(this.#header, this.#bumpsAt)
  }
}
