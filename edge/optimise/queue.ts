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

  /** It is not wanted any more. False when it is not here: it is being done, or was. */
  remove(waiting: Waiting): boolean {
    const list = waiting.isUpgrade ? this.#upgrades : this.#wanted
    const at = list.indexOf(waiting)
    if (at < 0) return false
    list.splice(at, 1)
    this.#leave(waiting)
    return true
  }

  /** What is to be done next; an upgrade only when `isIdle`: nothing else is being done. */
  next(isIdle: boolean): Waiting | undefined {
    const next = this.#wanted.shift() ?? (isIdle ? this.#upgrades.shift() : undefined)
    if (next === undefined) return undefined
    this.#leave(next)
    return next
  }

  #leave({ job: { site } }: Waiting): void {
    const left = this.#ofSite.get(site)! - 1
    if (left === 0) this.#ofSite.delete(site)
    else this.#ofSite.set(site, left)
  }
}
