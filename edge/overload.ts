// Whether this worker has more to do than it can: its event loop lags for a while on end, or its memory is beyond its
// budget. Then new connections and what would ask an origin are turned away, so that hits go on.
import type { Logger } from './usage/logger.js'
import { addLag, noLoopLag } from './usage/loop-lag.js'

export interface OverloadLimits {
  /** `limits.loopLagMaxMs`. */
  loopLagMaxMs: number
  /** `limits.residentBytesMax`. */
  residentBytesMax: number
}

/** How often it is looked at. */
const everyMs = 100
/** It begins when it is bad at so many looks in a row, and ends when it is good at so many. */
const badLooks = 5
const goodLooks = 10

export interface OverloadSources {
  /** Monotonic clock, milliseconds. */
  now(): number
  residentBytes(): number
}

const sources: OverloadSources = {
  now: () => performance.now(),
  residentBytes: () => process.memoryUsage.rss(),
}

export class Overload {
  isActive = false
  /** How late each look was. */
  readonly lag = noLoopLag()
  readonly #limits: OverloadLimits
  readonly #log: Pick<Logger, 'warn' | 'info'>
  readonly #sources: OverloadSources
  #timer: NodeJS.Timeout | undefined
  #lookedAtMs = 0
  /** Looks in a row that speak against the state it has. */
  #against = 0

  constructor(limits: OverloadLimits, log: Pick<Logger, 'warn' | 'info'>, from: OverloadSources = sources) {
    this.#limits = limits
    this.#log = log
    this.#sources = from
  }

  start(): void {
    this.#lookedAtMs = this.#sources.now()
    this.#timer ??= setInterval(() => this.look(), everyMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Every 100 ms, as far as the loop allows: how late it is says how far the loop lags. */
  look(): void {
    const nowMs = this.#sources.now()
    const lagMs = nowMs - this.#lookedAtMs - everyMs
    this.#lookedAtMs = nowMs
    addLag(this.lag, lagMs)
    const residentBytes = this.#sources.residentBytes()
    const isBad = lagMs > this.#limits.loopLagMaxMs || residentBytes > this.#limits.residentBytesMax
    this.#against = isBad === this.isActive ? 0 : this.#against + 1
    if (this.#against < (this.isActive ? goodLooks : badLooks)) return
    this.#against = 0
    this.isActive = isBad
    const seen = { lagMs: Math.round(lagMs), residentBytes }
    if (isBad) this.#log.warn(seen, 'overloaded: new connections and misses are turned away')
    else this.#log.info(seen, 'no longer overloaded')
  }
}
