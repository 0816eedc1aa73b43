// The supervisor: the life of an edge from its start to its end. It has generations of workers, helpers, the admin socket,
// and perhaps control that leads it. Command line and signals are command.ts's.
import type { ProcessLog } from '../usage/logger.js'
import { type Admin, openAdmin } from './admin.js'
import { deferred } from './deferred.js'
import { explainBy } from './explain.js'
import { Generations } from './generations.js'
import { Helpers } from './helpers.js'
import { logRemarks, readyLine } from './journal.js'
import { Led } from './led.js'
import type { SupervisorOptions } from './options.js'
import { OriginBoard } from './origin-board.js'
import { prepareGround } from './prepare.js'
import { answerPurge } from './purge.js'
import { gatherStatus, missingOf, type Status, Tally } from './status.js'

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
  #admin: Admin | undefined

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
      onLost: error => this.#stopped.reject(error),
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
    this.#generations.reload()
  }

  /** Reads the file again and has a new generation of workers take over, when all of them are ready. */
  renew(): void {
    this.#generations.renew()
  }

  async #start(): Promise<void> {
    const { listen, warning } = await prepareGround(this.#options.loaded.config)
    this.#assertStarting()
    const declared = await this.#led.start(this.#options.loaded)
    const { config, remarks } = declared
    const warnings = [warning]
    try {
      this.#assertStarting()
      warnings.push(await this.#generations.start(declared, { ...config, listen }))
      await this.#open(config.admin.socket)
      this.#assertStarting()
      this.#state = 'running'
      const { serving } = this.#generations
      this.#options.announce(readyLine(listen, serving.view().length))
      this.#helpers.start(serving.config)
      this.#board.follow(config.sites)
      this.#led.run()
    } finally {
      // After the ready line, which is the first on standard output.
      logRemarks(this.#log, remarks, ...warnings)
    }
  }

  async #open(socket: string): Promise<void> {
    const before = this.#admin
    this.#admin = await openAdmin(socket, {
      missing: () => this.#missing(),
      status: () => this.#status(),
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
    await Promise.all([this.#led.stop(), this.#generations.drain(), this.#helpers.stop()])
    this.#stopped.resolve()
  }

  #missing(): string[] {
    return [...missingOf(this.#state, this.#generations.serving), ...this.#led.missing()]
  }

  #status(): Promise<Status> {
    const { processLog, version } = this.#options
    const basis = { version, state: this.#state, logDropped: processLog.dropped(), tally: this.#tally }
    const known = { ...this.#helpers.status(), origins: this.#board.view(), control: this.#led.status() }
    return gatherStatus({ ...basis, ...known }, () => this.#generations.all())
  }
}
