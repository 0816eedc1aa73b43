// The keeper's end of the channel: keeps as the supervisor's messages say, and reports. The process around it is
// supervise/channel.ts's, what it does keep.ts's.
import { giveWay } from '../../native/index.js'
import { EdgeError } from '../error.js'
import { type Channel, processChannel } from '../supervise/channel.js'
import { impossible } from '../supervise/messages.js'
import { residentBytes } from '../supervise/resident.js'
import { createLogger, type ProcessLog } from '../usage/logger.js'
import { Keeper } from './keep.js'
import type { FromKeeper, ToKeeper } from './messages.js'

const reportEveryMs = 1_000
/** What stopping may take before the process goes anyway. */
const leaveMs = 1_500

/** Makes this process the keeper; without a supervisor there is nothing to keep and it exits 1. */
export function runKeeper(): void {
  const channel = processChannel<FromKeeper, ToKeeper>()
  if (!channel) {
    console.error('naij-edge: a keeper is started by its supervisor: run main.js')
    process.exit(1)
  }
  // Whoever serves goes first when it wakes. But its share of the cores is a whole one: where less is left for making room, workers
  // remove what was used with the rest.
  giveWay()
  obey(channel, ({ config }) => {
    return createLogger({
      level: config.log.level,
      bufferBytesMax: config.log.bufferBytesMax,
      name: 'keeper',
    })
  })
}

type MakeLog = (start: Extract<ToKeeper, { type: 'keep' }>) => ProcessLog

/** Keeps as the channel says, until it says leave or closes; then the process exits. */
export function obey(channel: Channel<FromKeeper, ToKeeper>, makeLog: MakeLog): void {
  const follower = new Follower(channel, makeLog)
  channel.onMessage(message => follower.take(message))
  channel.onLeave(() => void follower.leave())
  channel.onFatal(error => follower.fatal(error))
}

class Follower {
  readonly #channel: Channel<FromKeeper, ToKeeper>
  readonly #makeLog: MakeLog
  #processLog: ProcessLog | undefined
  #keeper: Keeper | undefined
  #ran: Promise<void> = Promise.resolve()
  #isLeaving = false

  constructor(channel: Channel<FromKeeper, ToKeeper>, makeLog: MakeLog) {
    this.#channel = channel
    this.#makeLog = makeLog
  }

  take(message: ToKeeper): void {
    switch (message.type) {
      case 'keep':
        this.#ran = this.#keep(message)
        return
      case 'purge':
        void this.#purge(message)
        return
      case 'leave':
        return void this.leave()
      default:
        impossible(message)
    }
  }

  async leave(): Promise<void> {
    if (this.#isLeaving) return
    this.#isLeaving = true
    // A disk that does not answer must not hold up the end of the edge.
    setTimeout(() => this.#channel.exit(1), leaveMs).unref()
    this.#keeper?.stop()
    await this.#ran
    this.#report(() => this.#channel.exit(0))
  }

  /** What must not happen happened: the next one starts clean. */
  fatal(error: unknown): void {
    if (this.#processLog) this.#processLog.log.fatal({ err: error }, 'keeper crashed')
    else console.error(error)
    this.#channel.exit(1)
  }

  async #keep(message: Extract<ToKeeper, { type: 'keep' }>): Promise<void> {
    const { config, workers } = message
    try {
      this.#processLog = this.#makeLog(message)
      const { log } = this.#processLog
      this.#keeper = new Keeper({ config, workers, log, onState: () => this.#report() })
      setInterval(() => this.#report(), reportEveryMs).unref()
      await this.#keeper.run()
    } catch (error) {
      const code = error instanceof EdgeError ? error.code : 'keeper-failed'
      const text = error instanceof Error ? error.message : String(error)
      this.#channel.send({ type: 'failed', code, message: text }, () => this.#channel.exit(1))
    }
  }

  async #purge({ id, rules, isDryRun }: Extract<ToKeeper, { type: 'purge' }>): Promise<void> {
    try {
      // `keep` came before.
      const keeper = this.#keeper!
      if (isDryRun) this.#channel.send({ type: 'counted', id, counted: await keeper.countPurged(rules) })
      else this.#channel.send({ type: 'purged', id, sequence: await keeper.purge(rules) })
    } catch (error) {
      const { code, message, status } = error instanceof EdgeError ? error : unexpected(error)
      this.#channel.send({ type: 'refused', id, code, message, status })
    }
  }

  #report(sent?: () => void): void {
    if (!this.#keeper || !this.#processLog) return sent?.()
    const report = { ...this.#keeper.report(), residentBytes: residentBytes() }
    report.totals.logDropped = this.#processLog.dropped()
    this.#channel.send({ type: 'report', report }, sent)
  }
}

function unexpected(error: unknown): { code: string; message: string; status: number } {
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'keeper-failed', message: `the index could not be used: ${message}`, status: 503 }
}
