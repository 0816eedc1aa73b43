// Says that the cache cannot be read: a file that cannot be read fails at every hit, and it is said now and then.
import type { StoreLog } from './commit.js'

const logEveryMs = 1_000

export class ReadFailures {
  readonly #log: StoreLog
  readonly #now: () => number
  #saidAtMs = Number.NEGATIVE_INFINITY

  /** `now`: wall clock, milliseconds. */
  constructor(log: StoreLog, now: () => number) {
    this.#log = log
    this.#now = now
  }

  note(error: unknown): void {
    const nowMs = this.#now()
    if (Math.abs(nowMs - this.#saidAtMs) < logEveryMs) return
    this.#saidAtMs = nowMs
    this.#log('error', 'the cache could not be read', { error })
  }
}
