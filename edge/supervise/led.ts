// The edge as control leads it: what comes from there is done by the supervisor and the keeper. Without `control` in the
// configuration there is nobody to lead it.
import { hostname } from 'node:os'
import type { ControlConfig, EdgeConfig } from '../../config/settings.js'
import { Follower, type FollowerStatus } from '../controlled/follower.js'
import type { LedEdge, PurgeBody, RawSite } from '../controlled/obedience.js'
import { PatientLog } from '../controlled/patient-log.js'
import { EdgeState } from '../controlled/state.js'
import { EdgeError } from '../error.js'
import type { Logger } from '../usage/logger.js'
import { usageDirectory } from '../usage/meter.js'
import type { Tail, Tailed } from '../usage/tap.js'
import { deferred } from './deferred.js'
import { healthOf } from './health.js'
import type { KeeperSlot } from './keeper-slot.js'
import { type LoadedConfig, loadText } from './load.js'
import { readPurge } from './purge-request.js'
import type { Status } from './status.js'

export interface LedOptions {
  quiet: boolean
  version: string
  log: Logger
  keeper: Pick<KeeperSlot, 'start' | 'stop' | 'purge' | 'countPurged'>
  /** What is declared now. */
  declared(): LoadedConfig
  /** Once it runs; the reasons why they are not served. */
  adopt(sites: readonly RawSite[]): Promise<readonly string[]>
  /** All workers show requests to these, and to no others. */
  tap(tails: readonly Tail[]): void
  status(): Promise<Status>
  missing(): string[]
}

export interface LedStatus extends FollowerStatus {
  /** The edge started without having heard what was purged meanwhile, and has not heard it yet. */
  purgeUnknown: boolean
}

export class Led implements LedEdge {
  readonly #options: LedOptions
  readonly #log: PatientLog
  #follower: Follower | undefined
  #sites: readonly RawSite[] | undefined
  /** Before there are workers. */
  #starting: { loaded: LoadedConfig; hasKeeper: boolean } | undefined
  /** Between hearing and serving what comes has to wait. */
  readonly #serving = deferred()
  #isServing = false
  #isStopped = false

  constructor(options: LedOptions) {
    this.#options = options
    this.#log = new PatientLog(options.log)
  }

  /** For whoever reads the file anew; undefined: none has come yet. */
  get sites(): readonly RawSite[] | undefined {
    return this.#sites
  }

  /**
   * Hears what control has to say, for as long as the start may wait; resolves with what is to be served. Nobody has the
   * cache open, before and after. Rejects with an EdgeError when `state.directory` cannot be used.
   */
  async start(loaded: LoadedConfig): Promise<LoadedConfig> {
    const { control: config, controlWaitMs } = loaded.config
    if (config === undefined) return loaded
    const { keeper } = this.#options
    const state = openState(loaded.config.state.directory)
    this.#starting = { loaded, hasKeeper: false }
    const follower = this.#join(config, state)
    follower.start()
    if (!(await follower.catchUp(controlWaitMs))) await this.#startUnknown()
    const started = this.#starting
    this.#starting = undefined
    if (started.hasKeeper) await keeper.stop()
    return started.loaded
  }

  /** Hears control while workers serve what it said last: after another edge has let go of it, or when that came to nothing. */
  follow({ config: { control: config, state } }: LoadedConfig): void {
    if (config === undefined) return
    this.#isStopped = false
    this.#join(config, openState(state.directory)).start()
  }

  #join(config: ControlConfig, state: EdgeState): Follower {
    this.#sites = state.lastGood?.sites as readonly RawSite[] | undefined
    this.#follower = new Follower({
      config,
      name: config.name ?? hostname(),
      version: this.#options.version,
      state,
      usageDirectory: usageDirectory(state.directory),
      edge: this,
      log: this.#log.lines,
    })
    return this.#follower
  }

  /** There are workers and a keeper: what has come since `start` is for them. */
  run(): void {
    this.#isServing = true
    this.#log.open()
    this.#serving.resolve()
    this.#follower?.tell()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#log.open()
    this.#serving.resolve()
    await this.#follower?.stop()
  }

  status(): LedStatus | null {
    const follower = this.#follower
    return follower === undefined ? null : { ...follower.status(), purgeUnknown: !follower.isCaughtUp }
  }

  async serve(sites: readonly RawSite[]): Promise<readonly string[]> {
    const starting = await this.#phase()
    if (this.#isStopped) return [stopping]
    const reasons = starting === undefined ? await this.#options.adopt(sites) : this.#declare(starting, sites)
    if (reasons.length === 0) this.#sites = sites
    return reasons
  }

  #declare(starting: { loaded: LoadedConfig }, sites: readonly RawSite[]): readonly string[] {
    const loaded = loadText(starting.loaded.text, this.#options.quiet, sites)
    if (!loaded.ok) return loaded.problems
    starting.loaded = loaded
    return []
  }

  /** What keeps it from being ready: nobody has said yet what it is to serve. */
  missing(): string[] {
    return this.#follower === undefined || this.#sites !== undefined
      ? []
      : ['control has not sent any sites yet']
  }

  async purge(body: PurgeBody) {
    await this.#phase()
    if (this.#isStopped) return { reasons: [stopping], willPass: true }
    const read = this.#read(body)
    if (!read.ok)
      return {
        reasons: read.problems.map(({ pointer, message }) => `${pointer} ${message}`),
        willPass: false,
      }
    try {
      return { sequence: await this.#keeper().purge(read.request.rules) }
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error
      return { reasons: [error.message], willPass: error.status === 503 }
    }
  }

  async count(body: PurgeBody) {
    const none = { entries: 0, scanned: 0, complete: false }
    await this.#phase()
    const read = this.#read(body)
    if (!read.ok) return { ...none, reasons: read.problems.map(({ message }) => message) }
    try {
      const { dryRunMs } = this.#config().limits
      const { entries, scanned, isComplete } = await this.#keeper().countPurged(read.request.rules, dryRunMs)
      return { entries, scanned, complete: isComplete, reasons: [] }
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error
      return { ...none, reasons: [error.message] }
    }
  }

  tap(tails: readonly Tail[]): void {
    this.#options.tap(tails)
  }

  tailed(tailed: Tailed): void {
    this.#follower?.tailed(tailed)
  }

  async health(): Promise<unknown> {
    if (!this.#isServing) return undefined
    return healthOf(await this.#options.status(), this.#options.missing())
  }

  async #phase() {
    if (this.#starting === undefined) await this.#serving.promise
    return this.#starting
  }

  #config(): EdgeConfig {
    return (this.#starting?.loaded ?? this.#options.declared()).config
  }

  #read(body: PurgeBody) {
    const { sites, limits } = this.#config()
    return readPurge(body, { sites, itemsMax: limits.purgeItemsMax, nowMs: Date.now() })
  }

  /** Before there are workers there is one only if there is something to purge. */
  #keeper(): LedOptions['keeper'] {
    const { keeper } = this.#options
    const starting = this.#starting
    if (starting !== undefined && !starting.hasKeeper) {
      starting.hasKeeper = true
      keeper.start(starting.loaded.config)
    }
    return keeper
  }

  /** Control does not say what was purged meanwhile. */
  async #startUnknown(): Promise<void> {
    const log = this.#log.lines
    const { sites, controlWaitMs } = this.#config()
    log.warn({ waitedMs: controlWaitMs }, 'control is away: the edge starts with what it was told last')
    for (const { name, cache } of sites) {
      if (cache.purgeUnknown !== 'revalidate') continue
      const purged = await this.purge({ kind: 'site', site: name, soft: true })
      if ('reasons' in purged)
        log.error({ site: name, reasons: purged.reasons }, 'what is stored cannot be made stale')
    }
  }
}

const stopping = 'the edge is stopping'

function openState(directory: string): EdgeState {
  try {
    return new EdgeState(directory)
  } catch (cause) {
    const message = `state.directory: the directory ${directory} cannot be used: ${(cause as Error).message}`
    throw new EdgeError('directory', message, { source: 'edge', status: 503, cause })
  }
}
