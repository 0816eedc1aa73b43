// The generations of workers: one that serves, at most one that starts and one that drains; and what changes them, one after
// the other: other sites, a further generation, an empty cache. The life of the edge is supervisor.ts's.
import type { EdgeConfig } from '../../config/settings.js'
import type { Logger } from '../usage/logger.js'
import type { Tail } from '../usage/tap.js'
import { type Change, Changes } from './changes.js'
import { abandonIndex, Crashes, startSound } from './damage.js'
import { Generation } from './generation.js'
import { logExit, logReady, logRefused, logRemarks } from './journal.js'
import { type Loaded, type LoadedConfig, loadConfig, loadText } from './load.js'
import type { GenerationsOptions } from './options.js'
import { prepareFurtherGround } from './prepare.js'
import { isLedOtherwise, judgeReload } from './reload.js'
import { swapGeneration } from './swap.js'

export class Generations {
  readonly #given: GenerationsOptions
  readonly #log: Logger
  /** In use, as read: a port 0 is still 0. */
  #declared: LoadedConfig
  #lastNumber = 0
  #serving: Generation | undefined
  #coming: Generation | undefined
  #leaving: Generation | undefined
  #left: Promise<void> = Promise.resolve()
  readonly #changes = new Changes<Change>()
  readonly #crashes = new Crashes()
  #tails: readonly Tail[] = []

  constructor(given: GenerationsOptions) {
    this.#given = given
    this.#log = given.log
    this.#declared = given.options.loaded
  }

  get declared(): LoadedConfig {
    return this.#declared
  }

  /** Once there was a first one. */
  get serving(): Generation {
    return this.#serving!
  }

  /** The serving one first. */
  all(): Generation[] {
    return [this.#serving, this.#coming, this.#leaving].filter(generation => generation !== undefined)
  }

  /** The first one, of `declared` with concrete ports. Resolves with a line to warn with. */
  start(declared: LoadedConfig, config: EdgeConfig): Promise<string | undefined> {
    this.#declared = declared
    return this.#startSound(config, 1)
  }

  /** The same beside another edge, which has the cache open: whatever is wrong with it stays as it is. */
  async startBeside(declared: LoadedConfig, config: EdgeConfig): Promise<void> {
    this.#declared = declared
    this.#serving = this.#generation(config, 1)
    await this.#serving.start()
  }

  /** What only starts has nothing to finish; what drains already has its own limit. */
  async drain(): Promise<void> {
    await Promise.all([this.#serving?.drain(), this.#coming?.kill(), this.#left])
  }

  async kill(): Promise<void> {
    await Promise.all(this.all().map(generation => generation.kill()))
  }

  /** Reads the file again and swaps the sites, in every worker or in none. */
  reload(): void {
    this.#change('reload', () => this.#reload())
  }

  /** Reads the file again and has a new generation of workers take over, when all of them are ready. */
  renew(): void {
    this.#change('renew', () => this.#renew())
  }

  /** The same process settings with these sites of control; resolves with the reasons why they are not served. */
  adopt(sites: readonly unknown[]): Promise<readonly string[]> {
    return new Promise(resolve => {
      this.#changes.ask('sites', async () => resolve(await this.#adopt(sites)))
    })
  }

  /** All workers show requests to these, also those that come. */
  tap(tails: readonly Tail[]): void {
    this.#tails = tails
    for (const link of this.all().flatMap(generation => generation.links())) link.tail(tails)
  }

  #isRunning(): boolean {
    return this.#given.state() === 'running'
  }

  /** A stop that came meanwhile ends what was begun. */
  #assertRunning(): void {
    if (!this.#isRunning()) throw new Error('no longer running')
  }

  #change(kind: Change, work: () => Promise<void>): void {
    if (this.#isRunning()) this.#changes.ask(kind, async () => (this.#isRunning() ? work() : undefined))
    else this.#log.warn(`${kind} ignored: the edge is ${this.#given.state()}`)
  }

  #startSound(config: EdgeConfig, revision: number): Promise<string | undefined> {
    return startSound(config.cache.directory, () => {
      this.#serving = this.#generation(config, revision)
      return this.#serving.start()
    })
  }

  /** Workers die again and again of what seems to be the cache: all stop, and start with an empty one. */
  async #startOver(): Promise<void> {
    const { config, revision } = this.serving
    const { helpers, onLost } = this.#given
    await Promise.all([helpers.kill(), this.kill()])
    this.#log.error(abandonIndex(config.cache.directory, 'workers died of it'))
    if (!this.#isRunning()) return
    try {
      await this.#startSound(config, revision)
      if (this.#isRunning()) helpers.start(config)
    } catch (error) {
      onLost(error as Error)
    }
  }

  #load(): Loaded {
    const { file, quiet } = this.#given.options
    return loadConfig(file, quiet, this.#given.controlled())
  }

  async #reload(): Promise<void> {
    const judged = judgeReload(this.#load(), this.#declared)
    if (judged.kind === 'renew') return this.#renew()
    if (judged.kind === 'refused') return this.#refused(judged.reason, judged.problems)
    await this.#swap(judged.loaded)
  }

  async #adopt(sites: readonly unknown[]): Promise<readonly string[]> {
    if (!this.#isRunning()) return [`the edge is ${this.#given.state()}`]
    const { text, keyDigest } = this.#declared
    const loaded = loadText(text, this.#given.options.quiet, sites)
    if (!loaded.ok) return loaded.problems
    // Certificates are read when workers start.
    const reason = await this.#swap({ ...loaded, keyDigest })
    return reason === undefined ? [] : [reason]
  }

  async #swap(declared: LoadedConfig): Promise<string | undefined> {
    const { serving } = this
    const result = await swapGeneration(serving, declared.config.sites, () => {
      this.#declared = declared
    })
    if (result.ok) this.#applied(serving)
    else this.#refused(result.reason)
    return result.ok ? undefined : result.reason
  }

  async #renew(): Promise<void> {
    const loaded = this.#load()
    if (!loaded.ok) return this.#refused('the configuration is bad', loaded.problems)
    if (isLedOtherwise(loaded.config, this.#declared.config))
      return this.#refused('control, state.directory: only a restart applies that')
    await this.#left
    try {
      await this.#comeUp(loaded)
    } catch (error) {
      await this.#coming?.kill()
      this.#coming = undefined
      if (!this.#isRunning()) return
      return this.#refused(`the new generation did not start, ${(error as Error).message}`)
    }
    this.#takeOver(loaded)
  }

  async #comeUp({ config: next, remarks }: LoadedConfig): Promise<void> {
    const { serving } = this
    const declared = this.#declared.config
    this.#assertRunning()
    const { listen, warning } = await prepareFurtherGround(next, declared, serving.config)
    logRemarks(this.#log, remarks, warning)
    this.#assertRunning()
    this.#coming = this.#generation({ ...next, listen }, serving.revision + 1)
    await this.#coming.start()
    if (next.admin.socket !== declared.admin.socket) await this.#given.openAdmin(next.admin.socket)
    this.#assertRunning()
  }

  /** No turn of the loop between the last check of the state and this. */
  #takeOver(declared: LoadedConfig): void {
    const old = this.serving
    this.#serving = this.#coming!
    this.#coming = undefined
    this.#leaving = old
    this.#declared = declared
    this.#log.level = declared.config.log.level
    this.#left = old.drain().then(() => {
      this.#leaving = undefined
    })
    this.#given.helpers.start(this.#serving.config)
    this.#applied(this.#serving)
  }

  #applied({ config, revision, number }: Generation): void {
    this.#given.tally.configReloads++
    this.#given.board.follow(config.sites)
    this.#log.info({ revision, generation: number }, 'new configuration in use')
    this.#given.onSettled()
  }

  #refused(reason: string, problems: readonly string[] = []): void {
    this.#given.tally.configReloadFailures++
    logRefused(this.#log, reason, problems)
    this.#given.onSettled()
  }

  #generation(config: EdgeConfig, revision: number): Generation {
    const { options, board, tally, state, onTailed } = this.#given
    const { cores, spawn } = options
    return new Generation({
      ...{ number: ++this.#lastNumber, config, revision, cores, spawn, board },
      // The ready line tells of the first ones.
      onReady: link => {
        if (state() !== 'starting') logReady(this.#log, link)
        if (this.#tails.length > 0) link.tail(this.#tails)
      },
      onTailed,
      onExit: (link, exit, delayMs) => {
        tally.retire(link.report, delayMs !== undefined)
        logExit(this.#log, link, exit, delayMs)
        if (this.#crashes.note(exit.signal, performance.now()))
          this.#change('start over', () => this.#startOver())
      },
    })
  }
}
