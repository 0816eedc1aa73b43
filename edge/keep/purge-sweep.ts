// Takes what is purged out of the index, at leisure: until it has, every look-up judges by the rules. Then the rules are
// retired, when no fill is likely to be under way that began before them; one that is all the same is not stored.
import type { StoreLog } from '../cache/commit.js'
import { type Databases, transactNow } from '../cache/databases.js'
import { noDrops, strike } from '../cache/purges/drop.js'
import { retireRules } from '../cache/purges/log.js'
import type { Purges } from '../cache/purges/purges.js'
import { needsSweep } from '../cache/purges/rules.js'
import { scanSlice } from '../cache/purges/scan.js'
import type { PurgesView } from './messages.js'
import type { PurgeDesk } from './purge-desk.js'

/** Entries looked at in one turn, and so the deletions of one transaction. */
const sliceEntries = 256
/** For every millisecond of work so many of rest: whoever serves needs the disk and the cores. */
const restPerWork = 3
/** Fills that last longer are not stored when something was purged meanwhile. */
const retainMs = 60_000
/** The same while so many rules are in force that there is no room to keep them. */
const retainCrowdedMs = 2_000
/** Rules retired in one transaction. */
const retireMax = 5_000

export interface PurgeSweepOptions {
  desk: PurgeDesk
  databases: () => Databases
  rulesMax: number
  log: StoreLog
  /** Wall clock, milliseconds; Date.now when absent. */
  now?: () => number
}

export class PurgeSweep {
  readonly #options: PurgeSweepOptions
  /** Entries older than this have been looked at for all rules up to this number. */
  #sweptTo = 0
  #seen: number | undefined
  #known: Pick<PurgesView, 'sequence' | 'rules'> | undefined
  #tending: Promise<void> | undefined
  #isStopped = false
  sweeps = 0

  constructor(options: PurgeSweepOptions) {
    this.#options = options
  }

  /** null while the index cannot be read. */
  view(): PurgesView | null {
    return this.#known === undefined ? null : { ...this.#known, sweepSeen: this.#seen ?? null }
  }

  /** Sweeps and retires what there is; who asks meanwhile gets that one. Never rejects. */
  tend(): Promise<void> {
    this.#tending ??= this.#tend().finally(() => {
      this.#tending = undefined
    })
    return this.#tending
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#tending
  }

  async #tend(): Promise<void> {
    const { log } = this.#options
    try {
      const { rules } = this.#look()
      if (rules.all.some(rule => rule.sequence > this.#sweptTo && needsSweep(rule))) await this.#sweep()
      await this.#retire()
      this.#look()
    } catch (error) {
      this.#known = undefined
      log('warn', 'purged entries could not be swept out', { error })
    } finally {
      this.#seen = undefined
    }
  }

  #look(): Purges {
    const purges = this.#options.desk.purges()
    this.#known = { sequence: purges.applied, rules: purges.rules.count }
    return purges
  }

  async #sweep(): Promise<void> {
    const { desk, log } = this.#options
    const purges = desk.purges()
    const until = purges.applied
    const drops = noDrops()
    this.#seen = 0
    for (let after: string | undefined = ''; after !== undefined; ) {
      if (this.#isStopped) return
      const beganMs = performance.now()
      after = this.#sweepSlice(after, drops)
      await pause((performance.now() - beganMs) * restPerWork)
    }
    this.#sweptTo = until
    this.sweeps += 1
    desk.noteDrops(drops)
    const { removed, softened } = drops
    log('debug', 'purged entries swept out', { seen: this.#seen, removed, softened })
  }

  /** Returns where to go on; undefined at the end. */
  #sweepSlice(after: string, drops: ReturnType<typeof noDrops>): string | undefined {
    const databases = this.#options.databases()
    const purges = this.#options.desk.purges()
    const slice = scanSlice(databases, { after }, sliceEntries, subject => purges.judge(subject))
    if (slice.struck.length > 0) {
      transactNow(databases, false, () => {
        for (const { stored, struck } of slice.struck) strike(databases, stored, struck, drops)
      })
      for (const stored of drops.keys.splice(0)) databases.changes?.bump(stored)
    }
    this.#seen! += slice.seen
    return slice.seen < sliceEntries ? undefined : slice.last
  }

  async #retire(): Promise<void> {
    const { desk, databases } = this.#options
    for (let floor = this.#ripe(); floor > 0 && !this.#isStopped; floor = this.#ripe()) {
      desk.announce(retireRules(databases(), floor, desk.purges().applied, retireMax))
      await pause(0)
    }
  }

  /** The last of the rules, in the order of their numbers, before the first whose time has not come; 0: none. */
  #ripe(): number {
    const { desk, rulesMax, now = Date.now } = this.#options
    const { rules } = desk.purges()
    const retain = rules.count > rulesMax / 2 ? retainCrowdedMs : retainMs
    let floor = 0
    for (const rule of rules.all) {
      const ageMs = now() - rule.atMs
      // One from the future is of a clock that was set back.
      if ((ageMs >= 0 && ageMs < retain) || (needsSweep(rule) && rule.sequence > this.#sweptTo)) break
      floor = rule.sequence
    }
    return floor
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
