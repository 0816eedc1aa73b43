// What waits for the pool: in the order in which it came, what is wanted now before what only would be better; bounded,
// in all and for each site.
import type { Job } from './job.js'

export interface Waiting {
  readonly job: Job
  readonly isUpgrade: boolean
  readonly run: () => void
}

export interface QueueLimits {
  readonly queueMax: number
  readonly siteQueueMax: number
}

export class JobQueue {
  readonly #limits: QueueLimits
  readonly #wanted: Waiting[] = []
  readonly #upgrades: Waiting[] = []
  readonly #ofSite = new Map<string, number>()

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  get length(): number {
    return this.#wanted.length + this.#upgrades.length
  }

  /** False when there is no room for it. */
  add(waiting: Waiting): boolean {
    const { queueMax, siteQueueMax } = this.#limits
    const { site } = waiting.job
    const ofSite = this.#ofSite.get(site) ?? 0
    if (this.length >= queueMax || ofSite >= siteQueueMax) return false
    // What would only be better leaves half of the room to what is wanted.
    if (waiting.isUpgrade && this.#upgrades.length >= queueMax / 2) return false
    this.#ofSite.set(site, ofSite + 1)
    ;(waiting.isUpgrade ? this.#upgrades : this.#wanted).push(waiting)
    return true
  }

  /** What is to be done next; an upgrade only when `isIdle`: nothing else is being done. */
  next(isIdle: boolean): Waiting | undefined {
    const next = this.#wanted.shift() ?? (isIdle ? this.#upgrades.shift() : undefined)
    if (next === undefined) return undefined
    const left = this.#ofSite.get(next.job.site)! - 1
    if (left === 0) this.#ofSite.delete(next.job.site)
    else this.#ofSite.set(next.job.site, left)
    return next
  }
}
