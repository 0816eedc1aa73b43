// Active checks of origins: one GET after the other to each, made by the supervisor for all workers. What follows from a
// change is origin-board.ts's.
import type { OriginConfig, SiteConfig } from '../../config/settings.js'
import type { EdgeError } from '../error.js'
import type { AnswerHandler } from '../fetch/answer-handler.js'
import { Origin } from '../fetch/origin.js'
import { type Sending, send } from '../fetch/send.js'
import { statusSet } from '../http/status-set.js'

/** Told when so many checks in a row said otherwise than before. `reason`: a word for a failure. */
export type OnChecked = (site: string, url: string, isGood: boolean, reason: string) => void

/** Checks do not come all at once: each is up to a tenth of its interval early. */
const jitter = 0.1
/** The first one of each: soon, but not all at once either. */
const firstMs = 500

export class HealthChecks {
  readonly #onChecked: OnChecked
  /** By what they were made from: those that go on are left alone. */
  #checks = new Map<string, Check>()

  constructor(onChecked: OnChecked) {
    this.#onChecked = onChecked
  }

  /** The sites in use from now on. */
  follow(sites: readonly SiteConfig[]): void {
    const before = this.#checks
    this.#checks = new Map()
    for (const site of sites) {
      if (site.healthCheck.path === undefined) continue
      for (const origin of site.origins) {
        const key = JSON.stringify([site.name, origin.url, site.healthCheck])
        this.#checks.set(key, before.get(key) ?? new Check(site, origin, this.#onChecked))
        before.delete(key)
      }
    }
    for (const check of before.values()) check.stop()
  }

  stop(): void {
    this.follow([])
  }
}

class Check implements AnswerHandler {
  readonly #site: SiteConfig
  readonly #origin: Origin
  readonly #onChecked: OnChecked
  readonly #isGoodStatus: (status: number) => boolean
  #timer: NodeJS.Timeout
  #sending: Sending | undefined
  #isUp = true
  /** Checks in a row that say otherwise than `#isUp`. */
  #others = 0
  #isOver = false

  constructor(site: SiteConfig, origin: OriginConfig, onChecked: OnChecked) {
    this.#site = site
    const { timeoutMs, statuses } = site.healthCheck
    const timeouts = { ...site.timeouts, connectMs: timeoutMs, firstByteMs: timeoutMs }
    this.#origin = new Origin(origin, { ...site, timeouts })
    this.#onChecked = onChecked
    this.#isGoodStatus = statusSet(statuses)
    this.#timer = setTimeout(() => this.#ask(), Math.random() * firstMs)
  }

  stop(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#sending?.abort()
  }

  onHead(status: number): void {
    // The body is of no interest, nor is the connection: the next check shows whether another can be had.
    this.#sending?.abort()
    this.#judge(this.#isGoodStatus(status) ? undefined : `status-${status}`)
  }

  onBody(): boolean {
    return true
  }

  onEnd(): void {}

  onError({ code }: EdgeError): void {
    this.#judge(code)
  }

  #ask(): void {
    const { path = '/', host, timeoutMs } = this.#site.healthCheck
    const fields = ['Host', host ?? this.#origin.authority, 'User-Agent', 'naij-health-check']
    this.#sending = send(
      this.#origin,
      {
        method: 'GET',
        target: path,
        fields,
        body: undefined,
        bodyBytes: undefined,
        totalMs: timeoutMs,
        isFresh: true,
      },
      this,
    )
  }

  /** Of one check: undefined when it was good. */
  #judge(reason: string | undefined): void {
    if (this.#isOver) return
    const { goodAfter, downAfter, intervalMs } = this.#site.healthCheck
    const isGood = reason === undefined
    this.#others = isGood === this.#isUp ? 0 : this.#others + 1
    if (this.#others >= (isGood ? goodAfter : downAfter)) {
      this.#isUp = isGood
      this.#others = 0
      this.#onChecked(this.#site.name, this.#origin.url, isGood, reason ?? '')
    }
    this.#timer = setTimeout(() => this.#ask(), intervalMs * (1 - jitter * Math.random()))
  }
}
