// Whether one origin is asked, and how much: ejected for a time when its answers fail, down by the word of checks, and
// back slowly. Pure: every question takes the time. Who else is there is origins.ts's, who tells the other workers
// supervise/'s.
import { performance } from 'node:perf_hooks'
import type { SiteConfig } from '../../config/settings.js'

export type EjectionOptions = SiteConfig['ejection']

/** What all processes of the host know of one origin. Times are those of `hostNowMs`. */
export interface OriginState {
  /** By the word of checks. */
  readonly isDown: boolean
  readonly ejectedUntilMs: number
  /** One after the other: each longer than the one before. */
  readonly ejections: number
  /** When it was last declared good by a check; 0 when it was never down. */
  readonly upSinceMs: number
}

/** What is known of one origin of one site. */
export interface OriginWord {
  site: string
  url: string
  state: OriginState
}

export const goodState: OriginState = Object.freeze({
  isDown: false,
  ejectedUntilMs: 0,
  ejections: 0,
  upSinceMs: 0,
})

/** The monotonic clock that all processes of a host share: performance.now() begins anew in each. */
export function hostNowMs(): number {
  return performance.now() + clockOffsetMs
}

const [bootSeconds, bootNanoseconds] = process.hrtime()
const clockOffsetMs = bootSeconds * 1_000 + bootNanoseconds / 1e6 - performance.now()

/** Of its weight at the beginning of a slow start. */
const shareMin = 0.1

export class OriginHealth {
  state: OriginState = goodState
  readonly #options: EjectionOptions
  #failuresInRow = 0
  #windowFromMs = 0
  #windowFailures = 0
  #windowRequests = 0

  constructor(options: EjectionOptions) {
    this.#options = options
  }

  isAvailable(nowMs: number): boolean {
    return !this.state.isDown && nowMs >= this.state.ejectedUntilMs
  }

  /** Of its weight: less than 1 while it comes back. */
  share(nowMs: number): number {
    const { slowStartMs } = this.#options
    const backMs = this.#backMs()
    const sinceMs = nowMs - backMs
    if (backMs === 0 || sinceMs >= slowStartMs) return 1
    return Math.max(shareMin, sinceMs / slowStartMs)
  }

  succeeded(nowMs: number): void {
    this.#failuresInRow = 0
    this.#count(nowMs, 0)
  }

  /** Whether it has failed often enough to be ejected. */
  failed(nowMs: number): boolean {
    const { failures, errorPercent, requestsMin } = this.#options
    this.#failuresInRow += 1
    this.#count(nowMs, 1)
    // Just back from an ejection, the first failure is enough (a breaker that is half open).
    const inRow = this.share(nowMs) < 1 && this.state.ejections > 0 ? 1 : failures
    if (failures > 0 && this.#failuresInRow >= inRow) return true
    if (errorPercent === 0 || this.#windowRequests < requestsMin) return false
    return this.#windowFailures * 100 >= errorPercent * this.#windowRequests
  }

  /** The state that ejects it from now on. */
  ejection(nowMs: number): OriginState {
    const { ejectMs, ejectMaxMs } = this.#options
    const { ejectedUntilMs, ejections } = this.state
    // One that was good for as long as its longest ejection begins with a short one again.
    const inRow = ejectedUntilMs > 0 && nowMs - ejectedUntilMs < ejectMaxMs ? ejections : 0
    const forMs = Math.min(ejectMs * 2 ** Math.min(inRow, ejectionsMax), ejectMaxMs)
    this.#failuresInRow = 0
    this.#windowRequests = 0
    this.#windowFailures = 0
    return { ...this.state, ejectedUntilMs: nowMs + forMs, ejections: inRow + 1 }
  }

  #backMs(): number {
    return Math.max(this.state.ejectedUntilMs, this.state.upSinceMs)
  }

  #count(nowMs: number, failures: number): void {
    if (nowMs - this.#windowFromMs >= this.#options.windowMs) {
      this.#windowFromMs = nowMs
      this.#windowRequests = 0
      this.#windowFailures = 0
    }
    this.#windowRequests += 1
    this.#windowFailures += failures
  }
}

/** Beyond this many the sum would only overflow. */
const ejectionsMax = 30
