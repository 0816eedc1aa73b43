// The supervisor: the life of an edge from its start to its end. It has generations of workers, helpers, the admin socket,
// and perhaps control that leads it. Command line and signals are command.ts's.
import type { EdgeConfig } from '../../config/settings.js'
import type { ProcessLog } from '../usage/logger.js'
import { type Admin, type Answer, json, openAdmin, refusal } from './admin.js'
import { deferred } from './deferred.js'
import { explainBy } from './explain.js'
import { Generations } from './generations.js'
import { Helpers } from './helpers.js'
import { logRemarks, readyLine } from './journal.js'
import { Led } from './led.js'
import type { LoadedConfig } from './load.js'
import type { SupervisorOptions } from './options.js'
import { OriginBoard } from './origin-board.js'
import { clearSocket, prepareGround, prepareGroundBeside } from './prepare.js'
import { answerPurge } from './purge.js'
import { findRunning, type RunningEdge, takeOverFrom } from './running.js'
import { gatherStatus, missingOf, type Status, Tally } from './status.js'
import { Watch } from './watch.js'

/** What helpers and the last messages take at most, beside the workers. */
const stopGraceMs = 5_000

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #log: ProcessLog['log']
  readonly #tally = new Tally()
  readonly #stopped = deferred()
  #state: Status['state'] = 'starting'
  readonly #board: OriginBoard
  readonly #helpers: Helpers
  readonly #generations: Generations
  readonly #led: Led
  readonly #watch: Watch
  #admin: Admin | undefined
  /** To another edge, which serves now. */
  #hasHandedOver = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#log = options.processLog.log
    const log = this.#log
    this.#helpers = new Helpers(options, log)
    this.#board = new OriginBoard(log, words =>
      this.#generations.all().forEach(each => void each.tell(words)),
    )
    this.#generations = new Generations({
      ...{ options, log, tally: this.#tally, board: this.#board, helpers: this.#helpers },
      state: () => this.#state,
      controlled: () => this.#led.sites,
      openAdmin: socket => this.#open(socket),
      onTailed: tailed => this.#led.tailed(tailed),
      onSettled: () => options.service.ready(this.#summary()),
      onLost: error => this.#stopped.reject(error),
    })
    this.#watch = new Watch({
      log,
      links: () => this.#generations.serving.links(),
      onAlive: () => options.service.alive(),
    })
    this.#led = new Led({
      ...{ quiet: options.quiet, version: options.version, log, keeper: this.#helpers.keeper },
      declared: () => this.#generations.declared,
      adopt: sites => this.#generations.adopt(sites),
      tap: tails => this.#generations.tap(tails),
      status: () => this.#status(),
      missing: () => this.#missing(),
    })
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
      this.#watch.stop()
      await this.#admin?.close()
    }
  }

  /** Drains and stops; called again, at once. */
  stop(): void {
    if (this.#state === 'running') {
      this.#log.info('stopping: workers finish what is in progress')
      void this.#leave()
    } else if (this.#hasHandedOver) {
      // It is leaving already: this is not the second time that somebody says so.
      this.#hasHandedOver = false
      this.#sayStopping()
    } else void this.#killAll()
    this.#state = 'stopping'
  }

  /** Reads the file again and swaps the sites, in every worker or in none. */
  reload(): void {
    this.#sayReloading()
    this.#generations.reload()
  }

  /** Reads the file again and has a new generation of workers take over, when all of them are ready. */
  renew(): void {
    this.#sayReloading()
    this.#generations.renew()
  }

  async #start(): Promise<void> {
    const { loaded, takesOver } = this.#options
    const before = takesOver ? await findRunning(loaded.config.admin.socket) : undefined
    const { listen, warning } = await (before === undefined
      ? prepareGround(loaded.config)
      : prepareGroundBeside(loaded.config, before.ports))
    this.#assertStarting()
    // What control says to one edge it would say to two.
    const declared = before === undefined ? await this.#led.start(loaded) : loaded
    const { config, remarks } = declared
    const warnings = [warning]
    try {
      this.#assertStarting()
      const used = { ...config, listen }
      if (before === undefined) warnings.push(await this.#generations.start(declared, used))
      else await this.#startBeside(before, declared, used)
      await this.#open(config.admin.socket)
      this.#assertStarting()
      this.#run(listen)
    } finally {
      // After the ready line, which is the first on standard output.
      logRemarks(this.#log, remarks, ...warnings)
    }
  }

  /** Until the other has let go nothing has happened to it: it serves on whatever becomes of this one. */
  async #startBeside(before: RunningEdge, declared: LoadedConfig, used: EdgeConfig): Promise<void> {
    const { socket } = used.admin
    await this.#generations.startBeside(declared, used)
    this.#assertStarting()
    await takeOverFrom(before, socket)
    this.#log.info({ from: before.pid, version: before.version }, 'took over from another naij-edge')
    await clearSocket(socket)
    this.#led.follow(declared)
  }

  #run(listen: EdgeConfig['listen']): void {
    this.#state = 'running'
    const { service } = this.#options
    const { serving } = this.#generations
    const { config } = serving
    this.#options.announce(readyLine(listen, serving.view().length))
    service.ready(this.#summary())
    this.#watch.start(config.workerSilentMs, service.watchdogMs)
    this.#goOn()
  }

  /** All but the workers, which serve. */
  #goOn(): void {
    const { config } = this.#generations.serving
    this.#helpers.start(config)
    this.#board.follow(config.sites)
    this.#led.run()
  }

  #summary(): string {
    const { serving } = this.#generations
    return `serving with ${serving.view().length} workers, configuration ${serving.revision}`
  }

  /** Another edge serves beside this one: it gets what only one may hold. */
  async #handOver(): Promise<Answer> {
    if (this.#state !== 'running') return refusal(409, 'not-running', `the edge is ${this.#state}`)
    this.#state = 'stopping'
    this.#hasHandedOver = true
    this.#log.info('handing over to another naij-edge')
    this.#board.stop()
    await Promise.all([this.#led.stop(), this.#helpers.stop()])
    return { ...json(200, { pid: process.pid }), onSent: isHeard => this.#handedOver(isHeard) }
  }

  #handedOver(isHeard: boolean): void {
    if (isHeard) {
      void this.#admin?.close()
      void this.#leave()
      return
    }
    // Somebody had it stop meanwhile.
    if (!this.#hasHandedOver) return void this.#leave()
    this.#log.warn('who was to take over has left: this edge goes on')
    this.#state = 'running'
    this.#hasHandedOver = false
    this.#led.follow(this.#generations.declared)
    this.#goOn()
  }

  #sayReloading(): void {
    if (this.#state === 'running') this.#options.service.reloading()
  }

  #sayStopping(): void {
    this.#options.service.stopping(this.#generations.serving.config.drainTimeoutMs + stopGraceMs)
  }

  async #open(socket: string): Promise<void> {
    const before = this.#admin
    this.#admin = await openAdmin(socket, {
      missing: () => this.#missing(),
      status: () => this.#status(),
      handOver: () => this.#handOver(),
      explain: question => explainBy(this.#generations.serving.links(), question),
      purge: body => {
        const { config } = this.#generations.declared
        return answerPurge(body, { config, keeper: this.#helpers.keeper, log: this.#log })
      },
    })
    await before?.close()
  }

  /** A stop that came meanwhile ends what was begun; `run` knows. */
  #assertStarting(): void {
    if (this.#state !== 'starting') throw new Error('no longer starting')
  }

  #killAll(): Promise<unknown> {
    return Promise.all([this.#led.stop(), this.#helpers.kill(), this.#generations.kill()])
  }

  async #leave(): Promise<void> {
    this.#watch.stop()
    if (!this.#hasHandedOver) this.#sayStopping()
    await Promise.all([this.#led.stop(), this.#generations.drain(), this.#helpers.stop()])
    this.#stopped.resolve()
  }

  #missing(): string[] {
    return [...missingOf(this.#state, this.#generations.serving), ...this.#led.missing()]
  }

  #status(): Promise<Status> {
    const { processLog, version } = this.#options
    const { textDigest: configDigest } = this.#generations.declared
    const logDropped = processLog.dropped()
    const basis = { version, state: this.#state, configDigest, logDropped, tally: this.#tally }
    const known = { ...this.#helpers.status(), origins: this.#board.view(), control: this.#led.status() }
    return gatherStatus({ ...basis, ...known }, () => this.#generations.all())
  }
}
