// Whether control is there, since when, and why not: said once for each reason, not at each try.
import type { LineLog } from './patient-log.js'

export interface ContactStatus {
  url: string
  state: 'connected' | 'connecting'
  /** In this state. */
  sinceMs: number
  /** Since control was heard last; null: never. */
  heardAgoMs: number | null
  /** Why it is not connected. */
  why: string | null
}

export class Contact {
  readonly #url: string
  readonly #log: LineLog
  #isConnected = false
  #sinceMs = performance.now()
  #heardMs: number | undefined
  #why: string | null = null

  constructor(url: string, log: LineLog) {
    this.#url = url
    this.#log = log
  }

  heard(): void {
    this.#heardMs = performance.now()
  }

  found(): void {
    this.#isConnected = true
    this.#sinceMs = performance.now()
    this.#why = null
    this.#log.info({ url: this.#url }, 'control is there')
  }

  lost(why: string): void {
    if (this.#isConnected) this.#sinceMs = performance.now()
    if (this.#why !== why)
      this.#log.warn({ url: this.#url, why }, 'control is away: the edge serves what it has')
    this.#isConnected = false
    this.#why = why
  }

  status(): ContactStatus {
    const nowMs = performance.now()
    return {
      url: this.#url,
      state: this.#isConnected ? 'connected' : 'connecting',
      sinceMs: Math.round(nowMs - this.#sinceMs),
      heardAgoMs: this.#heardMs === undefined ? null : Math.round(nowMs - this.#heardMs),
      why: this.#why,
    }
  }
}
