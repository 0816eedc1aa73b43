// What routes do their work with: the state, the clock, and each change together with its line in the audit.
import type { ControlConfig } from '../config/control.js'
import { Events } from './events.js'
import { Live } from './live.js'
import { Problem } from './problem.js'
import { Rates } from './rates.js'
import type { Sse } from './sse.js'
import { type Actor, appendAudit } from './state/audit.js'
import type { Database, Tables } from './state/database.js'
import { lastPosition, pruneFeed } from './state/feed.js'
import { removePurge } from './state/purges.js'
import { revisionOf } from './state/sites.js'
import { Tails } from './tails.js'

export interface Deed {
  readonly actor: Actor
  readonly action: string
  readonly target: string
  readonly detail?: unknown
}

export class Service {
  /** Of the feed: what edges hear is on the disk first. */
  durablePosition: number
  /** The edges that are there. */
  readonly live: Live
  readonly tails: Tails
  readonly rates: Rates
  readonly events: Events
  /** Those that watch. */
  readonly streams = new Set<Sse>()
  /** Idempotency-Keys whose first request is not answered yet. */
  readonly underWay = new Set<string>()

  constructor(
    readonly database: Database,
    readonly limits: ControlConfig['limits'],
    readonly nowMs: () => number,
  ) {
    this.rates = new Rates(limits)
    this.events = new Events(limits.eventsMax, nowMs)
    this.live = new Live(limits.waitersMax)
    this.tails = new Tails(this.live)
    this.durablePosition = lastPosition(database.tables)
  }

  get tables(): Tables {
    return this.database.tables
  }

  /** Both or nothing; a change that is refused is told too. */
  async change<Result>(deed: Deed, work: (tables: Tables) => Result): Promise<Result> {
    const revisionBefore = revisionOf(this.tables)
    let position = 0
    try {
      const result = await this.database.commit(tables => {
        const made = work(tables)
        pruneFeed(tables, this.limits, this.nowMs(), row => {
          if (row.kind === 'purge') removePurge(tables, row.id)
        })
        this.#append(tables, deed, 'done', revisionBefore)
        position = lastPosition(tables)
        return made
      })
      this.durablePosition = Math.max(this.durablePosition, position)
      this.live.wake()
      return result
    } catch (error) {
      if (error instanceof Problem) await this.refused(deed, error.code)
      throw error
    }
  }

  async refused(deed: Deed, why: string): Promise<void> {
    const revisionBefore = revisionOf(this.tables)
    const told = { ...deed, detail: { why } }
    await this.database.commit(tables => this.#append(tables, told, 'refused', revisionBefore))
  }

  #append(tables: Tables, deed: Deed, outcome: 'done' | 'refused', revisionBefore: number): void {
    const { actor, action, target, detail } = deed
    appendAudit(tables, { actor, action, target, detail, outcome, revisionBefore, nowMs: this.nowMs() })
  }
}
