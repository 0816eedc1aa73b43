// The worker's end: does what the supervisor's messages say to a `Serving`, and reports. The process around it
// (signals, exit, IPC) is channel.ts, the serving itself is serve.ts.
import type { EdgeConfig, SiteConfig } from '../../config/settings.js'
import { EdgeError } from '../error.js'
import type { Question } from '../explain/question.js'
import type { OriginWord } from '../fetch/origin-health.js'
import type { Serving } from '../serving.js'
import type { Logger, ProcessLog } from '../usage/logger.js'
import type { Channel } from './channel.js'
import { impossible, type Report, type StartMessage, type ToWorker, unasked } from './messages.js'
import { residentBytes } from './resident.js'

/** Opens the store and the listeners; rejects with an EdgeError when one cannot be had. */
export type StartServing = (
  config: EdgeConfig,
  options: { log: Logger; onEjected(word: OriginWord, reason: string): void; ticketKeys: Buffer },
) => Promise<Serving>

export interface FollowOptions {
  channel: Channel
  startServing: StartServing
  makeLog(start: StartMessage): ProcessLog
}

const reportEveryMs = 1_000
/** What draining may take beyond its own limit before the process goes anyway. */
const leaveGraceMs = 1_000

/** Serves as the channel says, until it says drain or closes; then the process exits. */
export function follow(options: FollowOptions): void {
  const follower = new Follower(options)
  options.channel.onMessage(message => follower.take(message))
  options.channel.onLeave(() => void follower.leave())
  options.channel.onFatal(error => follower.fatal(error))
}

class Follower {
  readonly #options: FollowOptions
  #state: 'new' | 'serving' | 'leaving' = 'new'
  #started: Promise<void> = Promise.resolve()
  #serving: Serving | undefined
  #processLog: ProcessLog | undefined
  #drainTimeoutMs = 0
  #prepared: { revision: number; swap: () => void } | undefined

  constructor(options: FollowOptions) {
    this.#options = options
  }

  /** Site changes wait for the start: a worker may be asked while it is still opening its store. */
  take(message: ToWorker): void {
    switch (message.type) {
      case 'start':
        this.#started = this.#start(message)
        return
      case 'prepare':
        return void this.#started.then(() => this.#prepare(message.id, message.revision, message.sites))
      case 'commit':
        return void this.#started.then(() => this.#commit(message.id, message.revision))
      case 'discard':
        return void this.#started.then(() => {
          this.#prepared = undefined
        })
      case 'report':
        this.#report(message.id)
        return
      case 'explain':
        return void this.#started.then(() => this.#explain(message.id, message.question))
      case 'origins':
        return void this.#started.then(() => this.#serving?.setOrigins(message.words))
      case 'tails':
        return void this.#started.then(() =>
          this.#serving?.setTails(message.tails, tailed =>
            this.#options.channel.send({ type: 'tailed', tailed }),
          ),
        )
      case 'drain':
        return void this.leave()
      default:
        impossible(message)
    }
  }

  /** Finishes what is in progress and exits; a worker that does not serve yet exits at once. */
  async leave(): Promise<void> {
    const { channel } = this.#options
    if (this.#state === 'leaving') return
    this.#state = 'leaving'
    if (!this.#serving) return channel.exit(0)
    setTimeout(() => channel.exit(1), this.#drainTimeoutMs + leaveGraceMs).unref()
    await this.#serving.drain()
    this.#report(unasked, () => channel.exit(0))
  }

  /** What must not happen happened: the state of this process is not to be trusted, its successor starts clean. */
  fatal(error: unknown): void {
    if (this.#processLog) this.#processLog.log.fatal({ err: error }, 'worker crashed')
    else console.error(error)
    this.#options.channel.exit(1)
  }

  async #start(message: StartMessage): Promise<void> {
    const { channel, startServing, makeLog } = this.#options
    this.#drainTimeoutMs = message.config.drainTimeoutMs
    try {
      this.#processLog = makeLog(message)
      this.#serving = await startServing(message.config, {
        log: this.#processLog.log,
        onEjected: (word, reason) => channel.send({ type: 'ejected', word, reason }),
        ticketKeys: Buffer.from(message.ticketKeys, 'base64'),
      })
      this.#serving.setOrigins(message.origins)
    } catch (error) {
      const code = error instanceof EdgeError ? error.code : 'start-failed'
      return channel.send({ type: 'failed', code, message: reasonOf(error) }, () => channel.exit(1))
    }
    if (this.#state === 'leaving') return
    this.#state = 'serving'
    channel.send({ type: 'ready', ports: this.#serving.ports })
    setInterval(() => this.#report(unasked), reportEveryMs).unref()
  }

  #prepare(id: number, revision: number, sites: readonly SiteConfig[]): void {
    if (!this.#serving) return
    try {
      this.#prepared = { revision, swap: this.#serving.prepareSites(sites) }
      this.#options.channel.send({ type: 'prepared', id })
    } catch (error) {
      this.#options.channel.send({ type: 'refused', id, reason: reasonOf(error) })
    }
  }

  /** A commit without its prepare cannot come over an ordered channel: the throw ends this worker. */
  #commit(id: number, revision: number): void {
    if (this.#prepared?.revision !== revision) throw new Error(`revision ${revision} is not prepared`)
    this.#prepared.swap()
    this.#prepared = undefined
    this.#options.channel.send({ type: 'committed', id })
  }

  #explain(id: number, question: Question): void {
    if (!this.#serving) return
    const { channel } = this.#options
    try {
      channel.send({ type: 'explained', id, explained: this.#serving.explain(question) })
    } catch (error) {
      // Only a reader failed: no client pays for that.
      this.#processLog?.log.error({ err: error }, 'a question could not be answered')
      channel.send({ type: 'refused', id, reason: reasonOf(error) })
    }
  }

  #report(id: number, sent?: () => void): void {
    if (!this.#serving || !this.#processLog) return
    const counters = { ...this.#serving.counters(), logDropped: this.#processLog.dropped() }
    const serving = this.#serving
    const asked = id === unasked ? {} : { origins: serving.originCounts(), saved: serving.savedCounts() }
    const report: Report = { counters, residentBytes: residentBytes(), ...asked }
    this.#options.channel.send({ type: 'report', id, report }, sent)
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
