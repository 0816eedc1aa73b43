// The place of the optimiser: one process for all workers of this supervisor. What it does is optimise/'s.
import type { EdgeConfig } from '../../config/settings.js'
import type { FromOptimiser, ToOptimiser } from '../optimise/messages.js'
import { optimiserSocket, socketPathBytesMax } from '../optimise/socket-path.js'
import type { Totals } from '../optimise/workshop-counts.js'
import type { Logger } from '../usage/logger.js'
import { HelperSlot } from './helper-slot.js'
import type { Spawn } from './spawn.js'

export interface OptimiserStatus {
  /** null while there is none. */
  pid: number | null
  deaths: number
  /** Of the process that runs; null when it has not said anything yet. */
  totals: Totals | null
  residentBytes: number | null
}

export class OptimiserSlot {
  readonly #slot: HelperSlot<ToOptimiser, FromOptimiser> | undefined
  readonly #log: Logger
  #report: Extract<FromOptimiser, { type: 'report' }> | undefined

  /** Without a `spawn` there is none: what is short is compressed by the workers, nothing else. */
  constructor(spawn: Spawn<ToOptimiser, FromOptimiser> | undefined, log: Logger) {
    this.#log = log
    this.#slot =
      spawn &&
      new HelperSlot({
        name: 'optimiser',
        spawn,
        log,
        leave: { type: 'leave' },
        onMessage: message => this.#take(message),
        onGone: () => {
          this.#report = undefined
          return undefined
        },
      })
  }

  start(config: EdgeConfig): void {
    const socket = optimiserSocket(config, process.pid)
    const bytes = Buffer.byteLength(socket)
    if (this.#slot === undefined) return
    if (bytes <= socketPathBytesMax)
      return this.#slot.start({ type: 'start', config, socket }, config.respawnDelayMaxMs)
    this.#log.warn(
      { socket, bytes, bytesMax: socketPathBytesMax },
      'there is no optimiser: its path is too long',
    )
  }

  async stop(): Promise<void> {
    await this.#slot?.stop()
  }

  async kill(): Promise<void> {
    await this.#slot?.kill()
  }

  status(): OptimiserStatus {
    return {
      pid: this.#slot?.pid ?? null,
      deaths: this.#slot?.deaths ?? 0,
      totals: this.#report?.totals ?? null,
      residentBytes: this.#report?.residentBytes ?? null,
    }
  }

  #take(message: FromOptimiser): void {
    if (message.type === 'report') this.#report = message
    else this.#log.error({ reason: message.message }, 'the optimiser cannot work')
  }
}

/** Of a supervisor without one. */
export const noOptimiser: OptimiserStatus = Object.freeze({
  pid: null,
  deaths: 0,
  totals: null,
  residentBytes: null,
})
