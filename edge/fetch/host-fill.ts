// The words in which the workers of a host speak of a fill: what is asked of host-fills.ts, what comes back, and what
// frames say.
import type { ResponseEntry } from '../cache/entry.js'
import type { Fill } from '../cache/fill.js'
import type { Bodies } from '../cache/segment-reads.js'
import type { FillRef } from '../shared/claim.js'
import type { FillLogs } from './fill-log.js'
import type { RemoteFill } from './remote-fill.js'

export type Turn =
  /** Ask the origin, and say `end`. */
  | { kind: 'lead'; fill: FillRef }
  /** Another worker asks: `watch`. */
  /** It began `agoMs` milliseconds ago, at least; `fence`: the number of the last purge then. */
  | { kind: 'elsewhere'; fill: FillRef; fence: number; agoMs: number }
  /** Ask, and let nobody follow: what comes is not for all, or there is no room to say who asks. */
  | { kind: 'alone' }

/** What became of another worker's fetch: `over` is for the store to tell, `unshared` is for nobody else. */
export type Outcome = 'over' | 'unshared'

/** A fill of ours that others may read. */
export interface Offer {
  variant: string
  head: () => ResponseEntry
  fill: Fill
}

/** Told of a fill of another worker: once, in a later turn, each. */
export interface Watcher {
  /** It can be read while it comes; only after `want`. */
  begun(fill: RemoteFill): void
  over(outcome: Outcome): void
}

/** How bodies go from worker to worker while they come. */
export interface BodyTravel {
  logs: FillLogs
  stored: Bodies
  /** Something could not be told to others; never throws. */
  onTrouble: (error: Error) => void
}

/**
 * What frames say: the sender waits for a fill of ours (`value` 1: to read it); a fill that we wait for can be read, and
 * further than before; or is over.
 */
export const events = { waits: 1, over: 2, unshared: 3, grew: 4 } as const

/** Lost words are made good by looking again. */
export type Say = (worker: number, fill: FillRef, event: keyof typeof events, value?: number) => void

/** One number for both: a turn has 26 bits. */
export function idOf({ slot, turn }: FillRef): number {
  return slot * 2 ** 26 + turn
}
