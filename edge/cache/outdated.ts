// What an invalidation or a purge makes of what came before it: an entry that was found, an answer that would be stored, a
// fetch that would be followed. What was invalidated, and when, is told by invalidations.ts and groups.ts; what a purge
// does to an entry is purged.ts's.
import type { Exchange } from '../exchange.js'
import { groupsOf } from '../http/invalidation.js'
import { tagsOf } from '../http/tags.js'
import type { Answer } from './answer.js'
import { decodeEntry, EntryFlag, type ResponseEntry } from './entry.js'
import { anyGroupKey, groupKey, isGroupInvalidated, type Room } from './groups.js'
import { offset } from './layout.js'
import type { Found } from './lookup.js'
import { subjectOf, withoutPurged } from './purged.js'
import type { Purges } from './purges/purges.js'

/**
 * What `lookup` found, unless it was invalidated since it was asked for: then a miss, or the same entry as one that has
 * to be validated. A hit that belongs to no group pays four comparisons.
 */
export function withoutOutdated(room: Room, x: Exchange, looked: Found): Found {
  const found = withoutPurged(room.purges, x, looked)
  if (typeof found === 'string') return found
  const isGrouped = (found.flags & EntryFlag.grouped) !== 0
  if (!isGrouped && room.invalidations?.mayHide(x.nowMs) !== true) return found
  const { askedAtMs } = found
  if (room.invalidations?.hides(x.key, askedAtMs, x.nowMs)) return missed(x)
  return isGrouped ? judgeGroups(room, x, found.groups, askedAtMs) : found
}

/** Its removal is on its way. */
function missed(x: Exchange): Found {
  x.storedKey = ''
  return 'uri-miss'
}

/** Asking about groups ends the views of the entry, so it is read again. */
function judgeGroups(room: Room, x: Exchange, groups: readonly string[], askedAtMs: number): Found {
  const isOut = isGroupInvalidated(room, x.keyPrefix, groups, askedAtMs, x.nowMs)
  const entry = room.store.get(x.storedKey, x.nowMs)
  // Somebody else's by now, perhaps of other groups.
  if (entry?.kind !== 'response' || entry.askedAtMs !== askedAtMs) return missed(x)
  return isOut ? toBeValidated(entry) : entry
}

/**
 * RFC 9111 4.4: an invalidated response must be validated before it is used again, whatever else would permit to use
 * it. On a copy of its bytes, so that the mark stays with it wherever it is copied to; the store's own is left alone.
 */
function toBeValidated(entry: ResponseEntry): ResponseEntry {
  const bytes = Buffer.from(entry.bytes)
  bytes.writeUInt32LE(entry.flags | EntryFlag.alwaysValidate, offset.flags)
  return decodeEntry(bytes) as ResponseEntry
}

/** When a fetch began: wall clock, milliseconds, and the number of the last purge by then. */
export interface Begun {
  readonly beganMs: number
  readonly fence: number
}

const noTags = (): readonly string[] => []

/** True when this answer, complete now, was asked for before its URL or one of its groups was invalidated. */
export function isOutdatedAnswer(room: Room, x: Exchange, answer: Answer, nowMs: number): boolean {
  const { invalidations, purges } = room
  if (purges !== undefined && isPurgedAnswer(purges, x, answer)) return true
  if (invalidations === undefined) return false
  const { askedAtMs } = answer
  if (invalidations.isOutdated(x.key, askedAtMs, nowMs)) return true
  return groupsOf(answer.fields).some(group =>
    invalidations.isOutdated(groupKey(x.keyPrefix, group), askedAtMs, nowMs),
  )
}

function isPurgedAnswer(purges: Purges, x: Exchange, { fence, fields }: Answer): boolean {
  purges.obey()
  return purges.forbidsStoring(subjectOf(x, fence, () => tagsOf(fields).tags))
}

/**
 * True when a fetch that was begun at `beganMs` may bring what was invalidated since: a request that comes now must
 * not follow it. Which groups its answer belongs to is not known, so any of the origin's counts.
 */
export function isOutdatedFetch(room: Room, x: Exchange, { beganMs, fence }: Begun, nowMs: number): boolean {
  const { invalidations, purges } = room
  if (purges?.forbidsFollowing(subjectOf(x, fence, noTags))) return true
  if (invalidations === undefined) return false
  return (
    invalidations.isOutdated(x.key, beganMs, nowMs) ||
    invalidations.isOutdated(anyGroupKey(x.keyPrefix), beganMs, nowMs)
  )
}
