// The place of the keeper: keeps it filled while the edge runs, with a pause after repeated deaths, and knows what the
// keeper last said. Nothing of the edge waits for a keeper or ends with one. What a keeper does is keep/'s.
import type { EdgeConfig } from '../../config/settings.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import { type FromKeeper, type KeeperTotals, noTotals, type ToKeeper } from '../keep/messages.js'
import type { Counted } from '../keep/purge-count.js'
import { writerCount } from '../open-disk.js'
import type { Logger } from '../usage/logger.js'
import { nextDelayMs } from './backoff.js'
import { type Deferred, deferred } from './deferred.js'
import { type KeeperAnswer, KeeperAsks, noAnswer } from './keeper-asks.js'
import { addKeeperTotals, type KeeperStatus, keeperStatus } from './keeper-status.js'
import { impossible } from './messages.js'
import type { Spawn, SpawnedProcess } from './spawn.js'

/** Where keepers come from; without a source there is none, which is said if there is a reason to. */
export type KeeperSource =
  | { spawn: Spawn<ToKeeper, FromKeeper> }
  | { spawn: undefined; why: string | undefined }

/** A keeper that does not leave is killed after this. */
const leaveMs = 2_000
/** A purge waits for the disk once; a keeper that died is there again within moments. */
const askMs = 5_000

/** One process, from its start to its end. */
interface Life {
  process: SpawnedProcess<ToKeeper>
  startedMs: number
  /** It was told to leave, or killed by us. */
  isDismissed: boolean
  failure: string | undefined
  readonly gone: Deferred
}

export class KeeperSlot {
  readonly #source: KeeperSource
  readonly #cores: number
  readonly #log: Logger
  /** What the next keeper is started with; undefined: there is to be none. */
  #keep: Extract<ToKeeper, { type: 'keep' }> | undefined
  #life: Life | undefined
  #report: Extract<FromKeeper, { type: 'report' }>['report'] | undefined
  #reportedMs = 0
  #stateSinceMs = performance.now()
  #delayMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #deaths = 0
  #lastFailure: string | undefined
  readonly #asks = new KeeperAsks()
  /** Of those that are gone. */
  #retired: KeeperTotals = noTotals()

  constructor({ keeper, cores }: { keeper: KeeperSource; cores: number }, log: Logger) {
    this.#source = keeper
    this.#cores = cores
    this.#log = log
  }

  /** From now on there is a keeper with this; one that keeps with another configuration leaves first. */
  start(config: EdgeConfig): void {
    if (this.#source.spawn === undefined) {
      if (this.#source.why !== undefined) this.#log.warn({ why: this.#source.why }, 'there is no keeper')
      return
    }
    this.#keep = { type: 'keep', config, workers: writerCount(config, this.#cores) }
    if (this.#life === undefined) this.#spawn()
    else this.#dismiss(this.#life)
  }

  /** From now on there is none. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#empty()
    if (this.#life === undefined) return
    this.#dismiss(this.#life)
    await this.#life.gone.promise
  }

  /** The same, at once. */
  async kill(): Promise<void> {
    this.#empty()
    if (this.#life === undefined) return
    this.#life.isDismissed = true
    this.#life.process.kill('SIGKILL')
    await this.#life.gone.promise
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
    const { spawn } = this.#source
    if (spawn === undefined || this.#keep === undefined) {
      const why = spawn === undefined ? this.#source.why : 'the edge is stopping'
      throw noAnswer('no-keeper', `nothing can be purged: ${why ?? 'there is no keeper'}`)
    }
    const life = this.#life
    const send = life === undefined || life.isDismissed ? undefined : life.process.send
    return this.#asks.ask(rules, isDryRun, timeoutMs, send && (question => life!.process.send(question)))
  }

  status(): KeeperStatus {
    const nowMs = performance.now()
    return keeperStatus({
      pid: this.#life?.process.pid,
      report: this.#report,
      retired: this.#retired,
      sinceMs: nowMs - this.#stateSinceMs,
      reportAgeMs: nowMs - this.#reportedMs,
      deaths: this.#deaths,
      why: this.#source.spawn === undefined ? this.#source.why : this.#lastFailure,
    })
  }

  #empty(): void {
    this.#keep = undefined
    clearTimeout(this.#timer)
    this.#asks.giveUp('the edge is stopping')
  }

  #dismiss(life: Life): void {
    if (life.isDismissed) return
    life.isDismissed = true
    life.process.send({ type: 'leave' })
    const late = setTimeout(() => life.process.kill('SIGKILL'), leaveMs)
    void life.gone.promise.then(() => clearTimeout(late))
  }

  #spawn(): void {
    clearTimeout(this.#timer)
    if (this.#source.spawn === undefined || this.#keep === undefined) return
    const life = { startedMs: performance.now(), isDismissed: false, failure: undefined, gone: deferred() }
    const events = {
      message: (message: FromKeeper) => this.#take(message),
      exit: (code: number | null, signal: NodeJS.Signals | null) => this.#exited(code, signal),
    }
    this.#life = { ...life, process: this.#source.spawn(events) }
    this.#stateSinceMs = performance.now()
    this.#life.process.send(this.#keep)
    this.#asks.repeat(question => this.#life!.process.send(question))
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
        this.#life!.failure = `${message.code}: ${message.message}`
        return
      default:
        impossible(message)
    }
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const life = this.#life!
    this.#life = undefined
    addKeeperTotals(this.#retired, this.#report?.totals)
    this.#report = undefined
    this.#stateSinceMs = performance.now()
    if (life.isDismissed) {
      this.#log.info({ keeper: life.process.pid, code, signal }, 'keeper left')
      this.#delayMs = undefined
      this.#spawn()
    } else this.#died(life, code, signal)
    life.gone.resolve()
  }

  #died(life: Life, code: number | null, signal: NodeJS.Signals | null): void {
    const livedMs = Math.round(performance.now() - life.startedMs)
    const { config } = this.#keep!
    this.#deaths++
    this.#lastFailure = life.failure ?? `it was ended by ${signal ?? `code ${code}`}`
    this.#delayMs = nextDelayMs(this.#delayMs, livedMs, config.respawnDelayMaxMs)
    const details = { keeper: life.process.pid, code, signal, livedMs, reason: life.failure }
    this.#log.error({ ...details, delayMs: this.#delayMs }, 'keeper died')
    this.#timer = setTimeout(() => this.#spawn(), this.#delayMs)
  }
}
