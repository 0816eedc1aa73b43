// Which stored responses were last asked for in vain in this worker: for a while (`sites[].cache.refreshFailMs`) they are
// served as they are, instead of each client waiting for the same failure again.

/** Keys remembered at once; beyond it the one that failed first is forgotten, and asked for again. */
const keysMax = 10_000

/** How it failed: by an error that the origin said, or for want of an answer. Each has its own window (RFC 9111 4.2.4). */
type Failure = 'error' | 'disconnected'

interface Pause {
  failure: Failure
  /** Wall clock, milliseconds. */
  untilMs: number
}

export class Pauses {
  readonly #byKey = new Map<string, Pause>()

  /** For `waitMs`; none of 0. */
  begin(key: string, failure: Failure, nowMs: number, waitMs: number): void {
    this.#byKey.delete(key)
    if (waitMs <= 0) return
    if (this.#byKey.size >= keysMax) this.#forgetFirst()
    this.#byKey.set(key, { failure, untilMs: nowMs + waitMs })
  }

  /** How it failed, when that is not over. */
  find(key: string, nowMs: number): Failure | undefined {
    const pause = this.#byKey.get(key)
    if (pause === undefined) return undefined
    if (nowMs < pause.untilMs) return pause.failure
    this.#byKey.delete(key)
    return undefined
  }

  #forgetFirst(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key)
      return
    }
  }
}
