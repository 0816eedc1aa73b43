// What was read of a store for one request: the keys, and what the counters of their changes were. While they are that, reading
// again would find the same.
import type { Changes } from '../shared/open-changes.js'

/** Those of one request are few: its URL, a variant, a form. */
const readsMax = 4

export class Reads {
  readonly #changes: Pick<Changes, 'epoch'> | undefined
  count = 0
  /** Of the changes, before anything was read: who gives up everything meanwhile has given up this, too. */
  epoch = 0
  /** As they are kept, by number. */
  readonly keys: string[] = Array(readsMax).fill('')
  readonly slots = new Int32Array(readsMax)
  readonly generations = new Float64Array(readsMax)
  /** When the store itself was last asked about the oldest of them: wall clock, milliseconds. */
  checkedMs = 0

  constructor(changes?: Pick<Changes, 'epoch'>) {
    this.#changes = changes
  }

  begin(): void {
    this.count = 0
    if (this.#changes !== undefined) this.epoch = this.#changes.epoch()
    this.checkedMs = Number.POSITIVE_INFINITY
  }

  /** More than there is room for are counted only. */
  note(stored: string, slot: number, generation: number, checkedMs: number): void {
    const at = this.count++
    if (at >= readsMax) return
    this.keys[at] = stored
    this.slots[at] = slot
    this.generations[at] = generation
    if (checkedMs < this.checkedMs) this.checkedMs = checkedMs
  }

  get isWhole(): boolean {
    return this.count > 0 && this.count <= readsMax
  }
}
