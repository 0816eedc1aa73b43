// What a service manager is told of the edge: sd_notify(3). Without one (no NOTIFY_SOCKET) nothing is said.
import type { Logger } from '../usage/logger.js'

export interface ServiceOptions {
  /** Sends lines to the manager; throws when it cannot. */
  notify(message: string): void
  log: Pick<Logger, 'warn'>
  environment: NodeJS.ProcessEnv
  pid: number
  /** Monotonic clock, microseconds. */
  nowMicroseconds(): bigint
}

export class Service {
  readonly #options: ServiceOptions
  #hasFailed = false

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  /** How long it may hear nothing, as it wants it of this process; undefined: it does not watch. */
  get watchdogMs(): number | undefined {
    const { WATCHDOG_USEC, WATCHDOG_PID } = this.#options.environment
    const microseconds = Number(WATCHDOG_USEC)
    if (!(microseconds > 0)) return undefined
    if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== this.#options.pid) return undefined
    return microseconds / 1000
  }

  ready(status: string): void {
    this.#tell(`READY=1\nSTATUS=${status}`)
  }

  /** A `ready` has to follow. */
  reloading(): void {
    this.#tell(
      `RELOADING=1\nMONOTONIC_USEC=${this.#options.nowMicroseconds()}\nSTATUS=reading the configuration`,
    )
  }

  status(status: string): void {
    this.#tell(`STATUS=${status}`)
  }

  /** It takes so long at most. */
  stopping(ms: number): void {
    this.#tell(
      `STOPPING=1\nEXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}\nSTATUS=finishing what is in progress`,
    )
  }

  alive(): void {
    this.#tell('WATCHDOG=1')
  }

  /** That nobody listens is no reason to stop, and is said once. */
  #tell(message: string): void {
    try {
      this.#options.notify(message)
    } catch (error) {
      if (!this.#hasFailed) this.#options.log.warn({ err: error }, 'the service manager cannot be told')
      this.#hasFailed = true
    }
  }
}
