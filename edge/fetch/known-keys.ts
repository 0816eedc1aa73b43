// Keys of which something is known for a while; the oldest leave first.

import { performance } from 'node:perf_hooks'

/** Keys remembered at once. */
const keysMax = 10_000

export class KnownKeys {
  /** Until when: monotonic clock, milliseconds. */
  readonly #untilMs = new Map<string, number>()

  has(key: string): boolean {
    const untilMs = this.#untilMs.get(key)
    if (untilMs === undefined) return false
    if (performance.now() < untilMs) return true
    this.#untilMs.delete(key)
    return false
  }

  add(key: string, forMs: number): void {
    this.#untilMs.delete(key)
    this.#untilMs.set(key, performance.now() + forMs)
    if (this.#untilMs.size <= keysMax) return
    const [oldest] = this.#untilMs.keys()
    this.#untilMs.delete(oldest)
  }
}
