// The place of a process that helps the workers and that none of them waits for: keeps it filled while the edge runs, with
// a pause after repeated deaths.
import type { Logger } from '../usage/logger.js'
import { nextDelayMs } from './backoff.js'
import { type Deferred, deferred } from './deferred.js'
import type { Spawn, SpawnedProcess } from './spawn.js'

/** One that does not leave is killed after this. */
const leaveMs = 2_000

export interface HelperOptions<To, From> {
  /** As the log calls it. */
  name: string
  spawn: Spawn<To, From>
  log: Logger
  /** The last message to it. */
  leave: To
  onMessage: (message: From) => void
  /** One has begun, and was told its first message. */
  onStarted?: (send: (message: To) => void) => void
  /** It is gone; for the log: what it said of its end itself. */
  onGone?: (ended: HelperEnd) => string | undefined
}

export interface HelperEnd {
  code: number | null
  signal: NodeJS.Signals | null
  /** It was told to leave, or killed by us. */
  isDismissed: boolean
}

/** One process, from its start to its end. */
interface Life<To> {
  process: SpawnedProcess<To>
  startedMs: number
  /** It was told to leave, or killed by us. */
  isDismissed: boolean
  readonly gone: Deferred
}

export class HelperSlot<To extends object, From> {
  readonly #options: HelperOptions<To, From>
  /** What the next one is started with; undefined: there is to be none. */
  #first: To | undefined
  #delayMaxMs = 0
  #life: Life<To> | undefined
  #delayMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #deaths = 0

  constructor(options: HelperOptions<To, From>) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#life?.process.pid
  }

  /** What says something to the one that is there, and stays; undefined while there is none, or it is leaving. */
  get send(): ((message: To) => void) | undefined {
    const life = this.#life
    return life === undefined || life.isDismissed ? undefined : message => life.process.send(message)
  }

  get deaths(): number {
    return this.#deaths
  }

  /** From now on there is one that was told `first`; one that was told something else leaves first. */
  start(first: To, delayMaxMs: number): void {
    this.#first = first
    this.#delayMaxMs = delayMaxMs
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

  #empty(): void {
    this.#first = undefined
    clearTimeout(this.#timer)
  }

  #dismiss(life: Life<To>): void {
    if (life.isDismissed) return
    life.isDismissed = true
    life.process.send(this.#options.leave)
    const late = setTimeout(() => life.process.kill('SIGKILL'), leaveMs)
    void life.gone.promise.then(() => clearTimeout(late))
  }

  #spawn(): void {
    clearTimeout(this.#timer)
    if (this.#first === undefined) return
    const process = this.#options.spawn({
      message: message => this.#options.onMessage(message),
      exit: (code, signal) => this.#exited(code, signal),
    })
    this.#life = { process, startedMs: performance.now(), isDismissed: false, gone: deferred() }
    process.send(this.#first)
    this.#options.onStarted?.(message => process.send(message))
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const life = this.#life!
    const { name, log, onGone } = this.#options
    this.#life = undefined
    const { isDismissed } = life
    if (!isDismissed) this.#deaths += 1
    const reason = onGone?.({ code, signal, isDismissed })
    const details = { [name]: life.process.pid, code, signal, reason }
    if (isDismissed) {
      log.info(details, `${name} left`)
      this.#delayMs = undefined
      this.#spawn()
    } else {
      const livedMs = Math.round(performance.now() - life.startedMs)
      this.#delayMs = nextDelayMs(this.#delayMs, livedMs, this.#delayMaxMs)
      log.error({ ...details, livedMs, delayMs: this.#delayMs }, `${name} died`)
      this.#timer = setTimeout(() => this.#spawn(), this.#delayMs)
    }
    life.gone.resolve()
  }
}
