// What the workers count where all can see it: a row each. Only the owner of a row writes it, so no write needs to be
// atomic; rows keep their counts when their owner goes, so the sums of all rows never fall while the file lives.
import { type CounterName, counterNames, type Layout } from './layout.js'

export class CounterRows {
  readonly #buffer: ArrayBuffer
  readonly #zone: Layout['rows']
  readonly #narrow: Int32Array
  readonly #owner: number
  #own: Float64Array | 'none' | undefined

  constructor(buffer: ArrayBuffer, { rows }: Layout, owner: number) {
    this.#buffer = buffer
    this.#zone = rows
    this.#narrow = new Int32Array(buffer)
    this.#owner = owner
  }

  /** The first time, a row is taken; when there is none, what is counted here is lost. */
  count(name: CounterName): void {
    this.#own ??= this.#take()
    if (this.#own !== 'none') this.#own[counterNames.indexOf(name)] += 1
  }

  /** Over all workers since the file was made, the dead ones too. */
  sums(): Record<CounterName, number> {
    const sums = Object.fromEntries(counterNames.map(name => [name, 0])) as Record<CounterName, number>
    for (let row = 0; row < this.#zone.records; row++) {
      const counts = this.#counts(row)
      for (const [index, name] of counterNames.entries()) sums[name] += counts[index]
    }
    return sums
  }

  owners(): Set<number> {
    const owners = new Set<number>()
    for (let row = 0; row < this.#zone.records; row++) {
      const owner = Atomics.load(this.#narrow, this.#ownerAt(row))
      if (owner !== 0) owners.add(owner)
    }
    return owners
  }

  /** `owner` counts no more: another may go on with its row. */
  release(owner: number): void {
    for (let row = 0; row < this.#zone.records; row++) {
      Atomics.compareExchange(this.#narrow, this.#ownerAt(row), owner, 0)
    }
  }

  #take(): Float64Array | 'none' {
    for (let row = 0; row < this.#zone.records; row++) {
      if (Atomics.compareExchange(this.#narrow, this.#ownerAt(row), 0, this.#owner) === 0)
        return this.#counts(row)
    }
    return 'none'
  }

  #ownerAt(row: number): number {
    return (this.#zone.offset + row * this.#zone.recordBytes + this.#zone.at.owner) / 4
  }

  #counts(row: number): Float64Array {
    const { offset, recordBytes, at } = this.#zone
    return new Float64Array(this.#buffer, offset + row * recordBytes + at.counts, counterNames.length)
  }
}
