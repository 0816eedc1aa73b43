// What the purges make of what was found. What was purged, and how, is told by purges/.
import { type Exchange, Mark } from '../exchange.js'
import { decodeEntry, type ResponseEntry } from './entry.js'
import { offset } from './layout.js'
import type { Found } from './lookup.js'
import type { Purges } from './purges/purges.js'
import type { Subject } from './purges/rules.js'

/**
 * What `lookup` found, unless it was purged since its fill began: then a miss, or the same entry as one that is stale
 * since. A hit that is younger than the last purge pays one comparison.
 */
export function withoutPurged(purges: Purges | undefined, x: Exchange, found: Found): Found {
  if (typeof found === 'string' || purges === undefined || found.checkedAt >= purges.newest) return found
  const struck = purges.judge(subjectOf(x, found.fence, () => found.tags))
  if (struck === undefined) {
    found.checkedAt = purges.newest
    return found
  }
  x.marks |= Mark.purged
  if (struck.kind === 'stale') return staleSince(found, struck.atMs)
  x.storedKey = ''
  return 'uri-miss'
}

/** How purges name what answers `x`. */
export function subjectOf(x: Exchange, fence: number, tags: Subject['tags']): Subject {
  return { site: x.site?.name ?? '', key: x.key, fence, tags }
}

/** On a copy of its bytes, so that it is stale wherever it is copied to; the store's own is left to the keeper. */
function staleSince(entry: ResponseEntry, atMs: number): ResponseEntry {
  if (entry.freshUntilMs <= atMs) return entry
  const bytes = Buffer.from(entry.bytes)
  bytes.writeDoubleLE(atMs, offset.freshUntilMs)
  return decodeEntry(bytes) as ResponseEntry
}

/** Whether this entry, copied out of the store a while ago, was taken out of use by a purge that came meanwhile. */
export function isPurged(purges: Purges, x: Exchange, { fence, tags }: ResponseEntry): boolean {
  purges.obey()
  return purges.judge(subjectOf(x, fence, () => tags))?.kind === 'gone'
}
