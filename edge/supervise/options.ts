// What a supervisor is made of: the configuration as read, and its ways to the process around it.
import type { FromOptimiser, ToOptimiser } from '../optimise/messages.js'
import type { ProcessLog } from '../usage/logger.js'
import type { KeeperSource } from './keeper-slot.js'
import type { LoadedConfig } from './load.js'
import type { Spawn } from './spawn.js'

export interface SupervisorOptions {
  file: string
  quiet: boolean
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
