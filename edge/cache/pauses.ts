// Which stored responses are asked for in vain in this worker, again and again: for a while (`sites[].cache.refreshFailMs`)
// they are served as they are, instead of each client waiting for the same failure once more. One failure, or a few, are no
// reason: whoever comes next may find the origin well again.

/** Keys remembered at once; beyond it the one that failed first is forgotten, and asked for again. */
const keysMax = 10_000
/** In a row. */
const failuresMin = 5
/** What failed so long ago says nothing any more. */
const forgetMs = 60_000

/** How it failed: by an error that the origin said, or for want of an answer. Each has its own window (RFC 9111 4.2.4). */
type Failure = 'error' | 'disconnected'

interface Pause {
  /** The last time. */
  failure: Failure
  failures: number
  /** Wall clock, milliseconds. */
  failedMs: number
  untilMs: number
}

export class Pauses {
  readonly #byKey = new Map<string, Pause>()

  /** It failed; when that was once too often, it is left alone for `waitMs`. */
  note(key: string, failure: Failure, nowMs: number, waitMs: number): void {
    const before = this.#byKey.get(key)
    const isLate = before === undefined || nowMs - before.failedMs > forgetMs
    const failures = isLate ? 1 : before.failures + 1
    this.#byKey.delete(key)
    if (this.#byKey.size >= keysMax) this.#forgetFirst()
    const untilMs = failures < failuresMin ? nowMs : nowMs + waitMs
    this.#byKey.set(key, { failure, failures, failedMs: nowMs, untilMs })
  }

  /** How it failed, when it is to be left alone now. */
  find(key: string, nowMs: number): Failure | undefined {
    const pause = this.#byKey.get(key)
    return pause !== undefined && nowMs < pause.untilMs ? pause.failure : undefined
  }

  #forgetFirst(): void {
    for (const key of this.#byKey.keys()) {
      this.#byKey.delete(key)
      return
    }
  }
}
