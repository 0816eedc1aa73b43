// Watches that workers answer: one that is silent for too long is killed, and replaced like any that died. The service
// manager hears that all is well only while all of them answer.
import type { Logger } from '../usage/logger.js'
import type { Link } from './link.js'

export interface WatchOptions {
  log: Logger
  /** Those that have to answer. */
  links(): readonly Link[]
  /** All have answered. */
  onAlive(): void
}

/** Looks in this part of the time for which one may be silent. */
const looksPerLimit = 3

export class Watch {
  readonly #options: WatchOptions
  #timer: NodeJS.Timeout | undefined
  /** Looks in a row that one left unanswered. */
  readonly #missed = new WeakMap<Link, number>()

  constructor(options: WatchOptions) {
    this.#options = options
  }

  /** `silentMs`: what a worker may be silent for; `watchdogMs`: the service manager's. Again: with other times. */
  start(silentMs: number, watchdogMs: number | undefined): void {
    this.stop()
    const everyMs = Math.min(silentMs, watchdogMs ?? silentMs) / looksPerLimit
    const looks = Math.max(Math.round(silentMs / everyMs), 1)
    this.#timer = setInterval(() => void this.look(everyMs * 0.9, looks), everyMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Asks all; `timeoutMs` for the answer. The one that misses the last of `looks` in a row is killed. */
  async look(timeoutMs: number, looks: number): Promise<void> {
    const asked = this.#options.links().filter(({ state }) => state === 'ready')
    const answered = await Promise.all(asked.map(link => this.#hasAnswered(link, timeoutMs, looks)))
    if (answered.length > 0 && answered.every(Boolean)) this.#options.onAlive()
  }

  async #hasAnswered(link: Link, timeoutMs: number, looks: number): Promise<boolean> {
    if (await link.answers(timeoutMs)) {
      this.#missed.delete(link)
      return true
    }
    const missed = (this.#missed.get(link) ?? 0) + 1
    this.#missed.set(link, missed)
    if (missed < looks || link.state !== 'ready') return false
    const { slot, pid, generation } = link
    const silentMs = Math.round(missed * timeoutMs)
    this.#options.log.error(
      { slot, worker: pid, generation, silentMs },
      'a worker does not answer: it is killed',
    )
    link.kill()
    return false
  }
}
