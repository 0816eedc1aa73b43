// The supervisor: one serving generation of workers, at most one that starts and one that drains, the helpers, the admin
// socket, and the changes (reload, renew) one after the other. Command line and signals are command.ts's.
import type { EdgeConfig } from '../../config/settings.js'
import type { ProcessLog } from '../usage/logger.js'
import { type Admin, openAdmin } from './admin.js'
import { type Change, Changes } from './changes.js'
import { abandonIndex, Crashes, startSound } from './damage.js'
import { deferred } from './deferred.js'
import { explainBy } from './explain.js'
import { Generation } from './generation.js'
import { Helpers } from './helpers.js'
import { logExit, logReady, logRefused, logRemarks, readyLine } from './journal.js'
import { type LoadedConfig, loadConfig } from './load.js'
import type { SupervisorOptions } from './options.js'
import { OriginBoard } from './origin-board.js'
import { prepareFurtherGround, prepareGround } from './prepare.js'
import { answerPurge } from './purge.js'
import { judgeReload } from './reload.js'
import { gatherStatus, missingOf, type Status, Tally } from './status.js'
import { swapGeneration } from './swap.js'

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #log: ProcessLog['log']
  readonly #tally = new Tally()
  readonly #stopped = deferred()
  #state: Status['state'] = 'starting'
  /** In use, as read: a port 0 is still 0. */
  #declared: LoadedConfig
  #lastGeneration = 0
  #serving: Generation | undefined
  #coming: Generation | undefined
  #leaving: Generation | undefined
  #left: Promise<void> = Promise.resolve()
  readonly #helpers: Helpers
  #admin: Admin | undefined
  readonly #changes = new Changes<Change>()
  readonly #crashes = new Crashes()
  readonly #board: OriginBoard

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#log = options.processLog.log
    this.#helpers = new Helpers(options, this.#log)
    this.#declared = options.loaded
    this.#board = new OriginBoard(this.#log, words =>
      this.#generations().forEach(each => void each.tell(words)),
    )
  }

  /** Starts, serves, and resolves when all is stopped. Rejects with an EdgeError when it cannot start. */
  async run(): Promise<void> {
    try {
      await this.#start()
      await this.#stopped.promise
    } catch (error) {
      await this.#killAll()
      if (this.#state !== 'stopping') throw error
    } finally {
      this.#board.stop()
      await this.#admin?.close()
    }
  }

  /** Drains and stops; called again, at once. */
  stop(): void {
    if (this.#state === 'running') {
      this.#log.info('stopping: workers finish what is in progress')
      void this.#leave()
    } else void this.#killAll()
    this.#state = 'stopping'
  }

  /** Reads the file again and swaps the sites, in every worker or in none. */
  reload(): void {
    this.#change('reload', () => this.#reload())
  }

  /** Reads the file again and has a new generation of workers take over, when all of them are ready. */
  renew(): void {
    this.#change('renew', () => this.#renew())
  }

  async #start(): Promise<void> {
    const { config, remarks } = this.#declared
    const { listen, warning } = await prepareGround(config)
    const warnings = [warning]
    try {
      this.#assertState('starting')
      warnings.push(await this.#startSound({ ...config, listen }, 1))
      await this.#open(config.admin.socket)
      this.#assertState('starting')
      this.#state = 'running'
      this.#options.announce(readyLine(listen, this.#serving!.view().length))
      this.#helpers.start(this.#serving!.config)
      this.#board.follow(config.sites)
    } finally {
      // After the ready line, which is the first on standard output.
      logRemarks(this.#log, remarks, ...warnings)
    }
  }

  #startSound(config: EdgeConfig, revision: number): Promise<string | undefined> {
    return startSound(config.cache.directory, () => {
      this.#serving = this.#generation(config, revision)
      return this.#serving.start()
    })
  }

  /** Workers die again and again of what seems to be the cache: all stop, and start with an empty one. */
  async #startOver(): Promise<void> {
    const { config, revision } = this.#serving!
    await this.#killAll()
    this.#log.error(abandonIndex(config.cache.directory, 'workers died of it'))
    if (this.#state !== 'running') return
    try {
      await this.#startSound(config, revision)
      if (this.#state === 'running') this.#helpers.start(config)
    } catch (error) {
      this.#stopped.reject(error as Error)
    }
  }

  async #open(socket: string): Promise<void> {
    const before = this.#admin
    this.#admin = await openAdmin(socket, {
      missing: () => missingOf(this.#state, this.#serving!),
      status: () => this.#status(),
      explain: question => explainBy(this.#serving!.links(), question),
      purge: body =>
        answerPurge(body, { config: this.#declared.config, keeper: this.#helpers.keeper, log: this.#log }),
    })
    await before?.close()
  }

  /** A stop that came meanwhile ends what was begun; `run` knows. */
  #assertState(expected: Status['state']): void {
    if (this.#state !== expected) throw new Error(`no longer ${expected}`)
  }

  #generations(): Generation[] {
    return [this.#serving, this.#coming, this.#leaving].filter(generation => generation !== undefined)
  }

  #killAll(): Promise<unknown> {
    return Promise.all([this.#helpers.kill(), ...this.#generations().map(generation => generation.kill())])
  }

  async #leave(): Promise<void> {
    // What only starts has nothing to finish; what drains already has its own limit.
    await Promise.all([this.#serving?.drain(), this.#coming?.kill(), this.#left, this.#helpers.stop()])
    this.#stopped.resolve()
  }

  #change(kind: Change, work: () => Promise<void>): void {
    const isRunning = () => this.#state === 'running'
    if (isRunning()) this.#changes.ask(kind, async () => (isRunning() ? work() : undefined))
    else this.#log.warn(`${kind} ignored: the edge is ${this.#state}`)
  }

  async #reload(): Promise<void> {
    const judged = judgeReload(loadConfig(this.#options.file, this.#options.quiet), this.#declared)
    if (judged.kind === 'renew') return this.#renew()
    if (judged.kind === 'refused') return this.#refused(judged.reason, judged.problems)
    const serving = this.#serving!
    const result = await swapGeneration(serving, judged.config.sites, () => {
      this.#declared = { ...this.#declared, config: judged.config }
    })
    return result.ok ? this.#applied(serving) : this.#refused(result.reason)
  }

  async #renew(): Promise<void> {
    const loaded = loadConfig(this.#options.file, this.#options.quiet)
    if (!loaded.ok) return this.#refused('the configuration is bad', loaded.problems)
    await this.#left
    try {
      await this.#comeUp(loaded)
    } catch (error) {
      await this.#coming?.kill()
      this.#coming = undefined
      if (this.#state !== 'running') return
      return this.#refused(`the new generation did not start, ${(error as Error).message}`)
    }
    this.#takeOver(loaded)
  }

  async #comeUp({ config: next, remarks }: LoadedConfig): Promise<void> {
    const serving = this.#serving!
    const declared = this.#declared.config
    this.#assertState('running')
    const { listen, warning } = await prepareFurtherGround(next, declared, serving.config)
    logRemarks(this.#log, remarks, warning)
    this.#assertState('running')
    this.#coming = this.#generation({ ...next, listen }, serving.revision + 1)
    await this.#coming.start()
    if (next.admin.socket !== declared.admin.socket) await this.#open(next.admin.socket)
    this.#assertState('running')
  }

  /** No turn of the loop between the last check of the state and this. */
  #takeOver(declared: LoadedConfig): void {
    const old = this.#serving!
    this.#serving = this.#coming!
    this.#coming = undefined
    this.#leaving = old
    this.#declared = declared
    this.#log.level = declared.config.log.level
    this.#left = old.drain().then(() => {
      this.#leaving = undefined
    })
    this.#helpers.start(this.#serving.config)
    this.#applied(this.#serving)
  }

  #applied(serving: Generation): void {
    this.#tally.configReloads++
    this.#board.follow(serving.config.sites)
    this.#log.info({ revision: serving.revision, generation: serving.number }, 'new configuration in use')
  }

  #refused(reason: string, problems: readonly string[] = []): void {
    this.#tally.configReloadFailures++
    logRefused(this.#log, reason, problems)
  }

  #generation(config: EdgeConfig, revision: number): Generation {
    const { cores, spawn } = this.#options
    const what = { number: ++this.#lastGeneration, config, revision, cores, spawn, board: this.#board }
    return new Generation({
      ...what,
      // The ready line tells of the first ones.
      onReady: link => void (this.#state === 'starting' || logReady(this.#log, link)),
      onExit: (link, exit, delayMs) => {
        this.#tally.retire(link.report, delayMs !== undefined)
        logExit(this.#log, link, exit, delayMs)
        if (this.#crashes.note(exit.signal, performance.now()))
          this.#change('start over', () => this.#startOver())
      },
    })
  }

  #status(): Promise<Status> {
    const { processLog, version } = this.#options
    const basis = { version, state: this.#state, logDropped: processLog.dropped(), tally: this.#tally }
    const origins = this.#board.view()
    return gatherStatus({ ...basis, ...this.#helpers.status(), origins }, () => this.#generations())
  }
}
