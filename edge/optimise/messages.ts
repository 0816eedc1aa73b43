// All messages between the supervisor and the optimiser, over the IPC channel, in order.
import type { EdgeConfig } from '../../config/settings.js'
import type { Totals } from './workshop-counts.js'

export type ToOptimiser =
  /** The first message, once. `socket`: where workers ask. */
  | { type: 'start'; config: EdgeConfig; socket: string }
  /** Finish nothing, exit 0. No answer. */
  | { type: 'leave' }

export type FromOptimiser =
  /** Every second. */
  | { type: 'report'; totals: Totals; residentBytes: number }
  /** It cannot work; the process exits after this. */
  | { type: 'failed'; message: string }
