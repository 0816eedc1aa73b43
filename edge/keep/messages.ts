// All messages between the supervisor and the keeper, over the IPC channel, in order. The supervisor's end is
// supervise/keeper-slot.ts, the keeper's is obey.ts.
import type { EdgeConfig } from '../../config/settings.js'
import type { Census } from '../shared/orphans.js'

export type ToKeeper =
  /** The first message, once. `workers`: how many share the cache. */
  | { type: 'keep'; config: EdgeConfig; workers: number }
  /** Stop, give the cache to the next keeper, exit 0. No answer but a last report. */
  | { type: 'leave' }

export type FromKeeper =
  /** At every change of state, and every second. */
  | { type: 'report'; report: KeeperReport }
  /** It cannot keep; the process exits after this. */
  | { type: 'failed'; code: string; message: string }

/** `waiting`: another process keeps this cache, and this one takes its place when it ends. */
export type KeeperState = 'waiting' | 'keeping'

/** What only grows while one process lives. */
export interface KeeperTotals {
  segmentsEvicted: number
  segmentBytesEvicted: number
  filesSwept: number
  logDropped: number
}

export interface IndexSize {
  entries: number
  /** Of pages in use. */
  bytes: number
  bytesMax: number
}

export interface SegmentsSize {
  files: number
  /** What they take of the disk, what is reserved for writing included. */
  bytes: number
  /** The cap of the cache; `keptBytes` is what the keeper makes it. */
  bytesMax: number
  keptBytes: number
}

export interface DiskSpace {
  bytes: number
  /** What this user may still take. */
  freeBytes: number
}

export interface FillsView {
  slots: Census
  /** Since the ground was made, over all workers, those that died too. */
  counts: Record<string, number>
}

/** null is what is not known: not measured yet, failing, or another's to know. */
export interface KeeperReport {
  state: KeeperState
  index: IndexSize | null
  segments: SegmentsSize | null
  disk: DiskSpace | null
  fills: FillsView | null
  totals: KeeperTotals
  residentBytes: number
}

export function noTotals(): KeeperTotals {
  return { segmentsEvicted: 0, segmentBytesEvicted: 0, filesSwept: 0, logDropped: 0 }
}
