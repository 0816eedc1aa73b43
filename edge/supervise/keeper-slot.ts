// The place of the keeper: keeps it filled while the edge runs, with a pause after repeated deaths, and knows what the
// keeper last said. Nothing of the edge waits for a keeper or ends with one. What a keeper does is keep/'s.
import type { EdgeConfig } from '../../config/settings.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import { type FromKeeper, type KeeperTotals, noTotals, type ToKeeper } from '../keep/messages.js'
import type { Counted } from '../keep/purge-count.js'
import { writerCount } from '../open-disk.js'
import type { Logger } from '../usage/logger.js'
import { type HelperEnd, HelperSlot } from './helper-slot.js'
import { type KeeperAnswer, KeeperAsks, noAnswer } from './keeper-asks.js'
import { addKeeperTotals, type KeeperStatus, keeperStatus } from './keeper-status.js'
import { impossible } from './messages.js'
import type { Spawn } from './spawn.js'

/** Where keepers come from; without a source there is none, which is said if there is a reason to. */
export type KeeperSource =
  | { spawn: Spawn<ToKeeper, FromKeeper> }
  | { spawn: undefined; why: string | undefined }

/** A purge waits for the disk once; a keeper that died is there again within moments. */
const askMs = 5_000

export class KeeperSlot {
  readonly #source: KeeperSource
  readonly #cores: number
  readonly #log: Logger
  readonly #slot: HelperSlot<ToKeeper, FromKeeper> | undefined
  /** There is to be one. */
  #isWanted = false
  #report: Extract<FromKeeper, { type: 'report' }>['report'] | undefined
  #reportedMs = 0
  #stateSinceMs = performance.now()
  /** What this one said of why it cannot keep, and what is known of the end of the last. */
  #failure: string | undefined
  #lastFailure: string | undefined
  readonly #asks = new KeeperAsks()
  /** Of those that are gone. */
  #retired: KeeperTotals = noTotals()

  constructor({ keeper, cores }: { keeper: KeeperSource; cores: number }, log: Logger) {
    this.#source = keeper
    this.#cores = cores
    this.#log = log
    this.#slot = keeper.spawn && this.#slotOf(keeper.spawn)
  }

  /** From now on there is a keeper with this; one that keeps with another configuration leaves first. */
  start(config: EdgeConfig): void {
    if (this.#slot === undefined) {
      const { why } = this.#source as { why?: string }
      if (why !== undefined) this.#log.warn({ why }, 'there is no keeper')
      return
    }
    this.#isWanted = true
    const workers = writerCount(config, this.#cores)
    this.#slot.start({ type: 'keep', config, workers }, config.respawnDelayMaxMs)
  }

  /** From now on there is none. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#empty()
    await this.#slot?.stop()
  }

  /** The same, at once. */
  async kill(): Promise<void> {
    this.#empty()
    await this.#slot?.kill()
  }

  /** Puts the rules into force; resolves with the number of the last when every worker obeys. See `PurgeKeeper`. */
  async purge(rules: readonly PurgeRule[]): Promise<number> {
    const answer = await this.#ask(rules, false, askMs)
    return (answer as Extract<KeeperAnswer, { type: 'purged' }>).sequence
  }

  /** What they would take, as far as is seen within `timeMs`. */
  async countPurged(rules: readonly PurgeRule[], timeMs: number): Promise<Counted> {
    const answer = await this.#ask(rules, true, askMs + timeMs)
    return (answer as Extract<KeeperAnswer, { type: 'counted' }>).counted
  }

  async #ask(rules: readonly PurgeRule[], isDryRun: boolean, timeoutMs: number): Promise<KeeperAnswer> {
    if (this.#slot === undefined || !this.#isWanted) {
      const why = this.#source.spawn === undefined ? this.#source.why : 'the edge is stopping'
      throw noAnswer('no-keeper', `nothing can be purged: ${why ?? 'there is no keeper'}`)
    }
    return this.#asks.ask(rules, isDryRun, timeoutMs, this.#slot.send)
  }

  status(): KeeperStatus {
    const nowMs = performance.now()
    return keeperStatus({
      pid: this.#slot?.pid,
      report: this.#report,
      retired: this.#retired,
      sinceMs: nowMs - this.#stateSinceMs,
      reportAgeMs: nowMs - this.#reportedMs,
      deaths: this.#slot?.deaths ?? 0,
      why: this.#source.spawn === undefined ? this.#source.why : this.#lastFailure,
    })
  }

  #empty(): void {
    this.#isWanted = false
    this.#asks.giveUp('the edge is stopping')
  }

  #slotOf(spawn: Spawn<ToKeeper, FromKeeper>): HelperSlot<ToKeeper, FromKeeper> {
    return new HelperSlot({
      name: 'keeper',
      spawn,
      log: this.#log,
      leave: { type: 'leave' },
      onMessage: message => this.#take(message),
      onStarted: send => {
        this.#failure = undefined
        this.#stateSinceMs = performance.now()
        this.#asks.repeat(send)
      },
      onGone: ended => this.#gone(ended),
    })
  }

  #take(message: FromKeeper): void {
    switch (message.type) {
      case 'report':
        this.#reportedMs = performance.now()
        if (message.report.state !== this.#report?.state) this.#stateSinceMs = this.#reportedMs
        this.#report = message.report
        this.#lastFailure = undefined
        return
      case 'purged':
      case 'counted':
      case 'refused':
        this.#asks.answered(message)
        return
      case 'failed':
        this.#failure = `${message.code}: ${message.message}`
        return
      default:
        impossible(message)
    }
  }

  #gone({ code, signal, isDismissed }: HelperEnd): string | undefined {
    addKeeperTotals(this.#retired, this.#report?.totals)
    this.#report = undefined
    this.#stateSinceMs = performance.now()
    if (!isDismissed) this.#lastFailure = this.#failure ?? `it was ended by ${signal ?? `code ${code}`}`
    return this.#failure
  }
}
