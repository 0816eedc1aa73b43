// All messages between the supervisor and the keeper, over the IPC channel, in order. The supervisor's end is
// supervise/keeper-slot.ts, the keeper's is obey.ts.
import type { EdgeConfig } from '../../config/settings.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import type { Census } from '../shared/orphans.js'
import type { Counted } from './purge-count.js'

export type ToKeeper =
  /** The first message, once. `workers`: how many share the cache. */
  | { type: 'keep'; config: EdgeConfig; workers: number }
  /** Put these into force, all or none; or only count what they would take. Answer: purged, counted or refused. */
  | { type: 'purge'; id: number; rules: readonly PurgeRule[]; isDryRun: boolean }
  /** Stop, give the cache to the next keeper, exit 0. No answer but a last report. */
  | { type: 'leave' }

export type FromKeeper =
  /** At every change of state, and every second. */
  | { type: 'report'; report: KeeperReport }
  /** In force; `sequence` is the number of the last. */
  | { type: 'purged'; id: number; sequence: number }
  | { type: 'counted'; id: number; counted: Counted }
  | { type: 'refused'; id: number; code: string; message: string; status: number }
  /** It cannot keep; the process exits after this. */
  | { type: 'failed'; code: string; message: string }

/** `waiting`: another process keeps this cache, and this one takes its place when it ends. */
export type KeeperState = 'waiting' | 'keeping'

/** What only grows while one process lives. */
export interface KeeperTotals {
  segmentsEvicted: number
  segmentBytesEvicted: number
  /** Of what was in them, what was used lately and so moved to another. */
  entriesKept: number
  bytesKept: number
  filesSwept: number
  /** Rules that this process put into force. */
  purgesAccepted: number
  /** Responses that were taken out of the index, or made stale there. */
  purgedEntries: number
  softenedEntries: number
  /** Walks through the index for what was purged. */
  purgeSweeps: number
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

export interface PurgesView {
  /** The number of the last purge, or retirement. */
  sequence: number
  /** In force. */
  rules: number
  /** Entries that the sweep under way has looked at; null while there is none. */
  sweepSeen: number | null
}

/** null is what is not known: not measured yet, failing, or another's to know. */
export interface KeeperReport {
  state: KeeperState
  index: IndexSize | null
  segments: SegmentsSize | null
  disk: DiskSpace | null
  fills: FillsView | null
  purges: PurgesView | null
  totals: KeeperTotals
  residentBytes: number
}

export function noTotals(): KeeperTotals {
  return {
    segmentsEvicted: 0,
    segmentBytesEvicted: 0,
    entriesKept: 0,
    bytesKept: 0,
    filesSwept: 0,
    purgesAccepted: 0,
    purgedEntries: 0,
    softenedEntries: 0,
    purgeSweeps: 0,
    logDropped: 0,
  }
}
