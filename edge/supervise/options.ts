// What a supervisor is made of: the configuration as read, and its ways to the process around it.
import type { FromOptimiser, ToOptimiser } from '../optimise/messages.js'
import type { Logger, ProcessLog } from '../usage/logger.js'
import type { Tailed } from '../usage/tap.js'
import type { Helpers } from './helpers.js'
import type { KeeperSource } from './keeper-slot.js'
import type { LoadedConfig } from './load.js'
import type { OriginBoard } from './origin-board.js'
import type { Service } from './service.js'
import type { Spawn } from './spawn.js'
import type { Status, Tally } from './status.js'

export interface SupervisorOptions {
  file: string
  quiet: boolean
  /** From an edge that runs with the same admin socket, if there is one. */
  takesOver: boolean
  service: Service
  /** What was read from `file`. */
  loaded: LoadedConfig
  version: string
  cores: number
  spawn: Spawn
  keeper: KeeperSource
  /** Where optimisers come from; absent: there is none. */
  optimiser?: Spawn<ToOptimiser, FromOptimiser> | undefined
  processLog: ProcessLog
  /** Takes the ready line, without its end. */
  announce(line: string): void
}

/** What the generations of workers are made of. */
export interface GenerationsOptions {
  options: SupervisorOptions
  log: Logger
  tally: Tally
  board: OriginBoard
  helpers: Helpers
  state(): Status['state']
  /** What control sent last; undefined: nothing. */
  controlled(): readonly unknown[] | undefined
  openAdmin(socket: string): Promise<void>
  /** Requests that somebody watches. */
  onTailed(tailed: Tailed): void
  /** A change is in use, or was refused. */
  onSettled(): void
  /** Nobody serves any more. */
  onLost(error: Error): void
}
