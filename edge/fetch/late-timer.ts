// A timer for limits that are seldom reached: it is set for the first of them and looks again then, as most of them have been
// moved by that time. To set and clear one for each request would cost more than all else that limits it.
import { performance } from 'node:perf_hooks'

export class LateTimer {
  readonly #look: (nowMs: number) => void
  #timer: NodeJS.Timeout | undefined
  #atMs = Number.POSITIVE_INFINITY

  /** `look` is called at the time for which it is armed, or before; monotonic clock. It does not keep the process alive. */
  constructor(look: (nowMs: number) => void) {
    this.#look = look
  }

  /** `atMs` is finite. */
  arm(atMs: number, nowMs: number): void {
    if (this.#atMs <= atMs) return
    clearTimeout(this.#timer)
    this.#atMs = atMs
    this.#timer = setTimeout(this.#fire, Math.ceil(atMs - nowMs)).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#atMs = Number.POSITIVE_INFINITY
  }

  readonly #fire = (): void => {
    this.#atMs = Number.POSITIVE_INFINITY
    this.#look(performance.now())
  }
}
