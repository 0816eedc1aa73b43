// When an origin was asked: what is purged or invalidated from then on is not of what it will say.
import type { Edge } from './edge.js'

/** Wall clock in milliseconds, as the host's invalidations count it, and the last purge that was obeyed. */
export interface AskedAt {
  readonly sentMs: number
  readonly fence: number
}

export const unasked: AskedAt = Object.freeze({ sentMs: 0, fence: 0 })

/** It is asked now. */
export function askedNow({ counters, admission }: Edge): AskedAt {
  counters.originRequests += 1
  return { sentMs: admission.invalidations.stamp(Date.now()), fence: admission.purges.applied }
}
