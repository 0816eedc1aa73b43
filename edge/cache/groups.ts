// Groups of stored responses (RFC 9875): the origin of a site names them, and invalidates all of a group at once. No
// entry is walked: the store keeps when each group was invalidated last, and whoever finds a grouped entry compares.
// Which groups a response names is http/invalidation's; what follows for the entry is outdated.ts's.
import type { Admission } from './admit.js'
import { aheadMsMax, type Invalidations } from './invalidations.js'
import type { Purges } from './purges/purges.js'
import { encodeVariants } from './variants.js'

/** The store and what was invalidated lately; without the latter the store alone is believed. */
export type Room = Pick<Admission, 'store' | 'onFailure'> & {
  readonly invalidations?: Invalidations | undefined
  readonly purges?: Purges | undefined
}

/** Where the store keeps a group's last invalidation: no target begins with a zero byte, so no URL has this key. */
export function groupKey(keyPrefix: string, group: string): string {
  return `${keyPrefix}\0group ${group}`
}

/** Stands for all groups of an origin together, where what a response will belong to is not known yet. */
export function anyGroupKey(keyPrefix: string): string {
  return `${keyPrefix}\0groups`
}

/**
 * What was asked for until `atMs` and belongs to the group is out of use: here at once, in other processes when the
 * store has it. The store lets go of the oldest first, so this leaves later than what it puts out of use.
 */
export function invalidateGroup(room: Room, keyPrefix: string, group: string, atMs: number): void {
  const key = groupKey(keyPrefix, group)
  room.invalidations?.note(key, atMs)
  room.invalidations?.note(anyGroupKey(keyPrefix), atMs)
  record(room, key, atMs)
}

function record(room: Room, key: string, atMs: number): void {
  // A list of variants with none in it: what it says is its time.
  const bytes = encodeVariants({ variants: [], storedAtMs: atMs })
  room.store.put(key, bytes).catch((error: unknown) => {
    room.invalidations?.distrustStore()
    room.onFailure(error, key)
  })
}

/**
 * True when one of the groups was invalidated since `askedAtMs`. Asks the store, so views of an entry got before do not
 * outlive the call.
 */
export function isGroupInvalidated(
  room: Room,
  keyPrefix: string,
  groups: readonly string[],
  askedAtMs: number,
  nowMs: number,
): boolean {
  return groups.some(group => isInvalidated(room, groupKey(keyPrefix, group), askedAtMs, nowMs))
}

function isInvalidated(room: Room, key: string, askedAtMs: number, nowMs: number): boolean {
  if (room.invalidations?.hides(key, askedAtMs, nowMs)) return true
  const recorded = room.store.get(key, nowMs)
  if (recorded?.kind !== 'variants') return false
  const atMs = recorded.storedAtMs
  if (atMs > nowMs + aheadMsMax) {
    // The clock was set back since. It counts for all that is there by now, and for nothing that is asked for from now
    // on: it would else put the group out of use until the clock is there again.
    record(room, key, nowMs - 1)
    return askedAtMs < nowMs || askedAtMs > nowMs + aheadMsMax
  }
  // Our own time, compared above. Those of other workers are no finer than a millisecond: the same one counts.
  if (atMs === room.invalidations?.timeOf(key)) return false
  return askedAtMs < Math.floor(atMs) + 1
}
