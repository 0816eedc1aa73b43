// Which stored responses are being asked for anew behind a stale answer in this worker: one request per key at a time,
// and none for a while after one that failed (`sites[].cache.refreshFailMs`).

/** Keys remembered at once; beyond it nothing is refreshed behind, the next request asks itself. */
const keysMax = 10_000

export class Refreshes {
  /** When the next may begin: wall clock, milliseconds; infinite while one runs. */
  readonly #notBefore = new Map<string, number>()

  /** True when a refresh of `key` may begin now; `end` must follow. */
  begin(key: string, nowMs: number): boolean {
    const notBefore = this.#notBefore.get(key)
    if (notBefore !== undefined && nowMs < notBefore) return false
    if (notBefore === undefined && this.#notBefore.size >= keysMax && !this.#makeRoom(nowMs)) return false
    this.#notBefore.set(key, Number.POSITIVE_INFINITY)
    return true
  }

  /** `waitMs`: how long to leave it after a failure, 0 after a success. */
  end(key: string, nowMs: number, waitMs: number): void {
    if (waitMs === 0) this.#notBefore.delete(key)
    else this.#notBefore.set(key, nowMs + waitMs)
  }

  #makeRoom(nowMs: number): boolean {
    for (const [key, notBefore] of this.#notBefore) if (notBefore <= nowMs) this.#notBefore.delete(key)
    return this.#notBefore.size < keysMax
  }
}
