// What to do with a request, given what is stored: a pure function of values. Acting on it is request.ts's.
import { Mark } from '../exchange.js'
import { EntryFlag, type ResponseEntry } from './entry.js'
import type { Found } from './lookup.js'
import type { CacheRules } from './rules.js'
import { mayUseStale } from './stale-use.js'

/** Why the request goes to the origin alone: the words of RFC 9211 2.2. */
export type PassReason = 'method' | 'request' | 'uri-miss' | 'vary-miss' | 'stale'

export type Verdict =
  | { kind: 'fresh'; entry: ResponseEntry }
  /** Usable while it is asked for anew behind the answer. */
  | { kind: 'stale'; entry: ResponseEntry }
  | { kind: 'expired'; entry: ResponseEntry }
  | { kind: 'absent'; reason: 'uri-miss' | 'vary-miss' }
  | { kind: 'pass'; reason: PassReason }

export interface Asked {
  method: string
  marks: number
  hasBody: boolean
}

const passMethod: Verdict = Object.freeze({ kind: 'pass', reason: 'method' })
const passRequest: Verdict = Object.freeze({ kind: 'pass', reason: 'request' })

/** True when a stored response may answer, so that a look-up is worth while. */
export function mayUseStored(asked: Asked): boolean {
  // A GET with a body is passed, never keyed: http-rules.md 11a.
  return (asked.method === 'GET' || asked.method === 'HEAD') && !asked.hasBody
}

/**
 * `found` is only looked at when `mayUseStored(asked)`; `rules` and `target` only when it is not fresh. Without rules
 * nothing is used past its freshness.
 */
export function decide(found: Found, asked: Asked, nowMs: number, rules?: CacheRules, target = ''): Verdict {
  if (!mayUseStored(asked)) return asked.hasBody && asked.method === 'GET' ? passRequest : passMethod
  if (typeof found !== 'string') {
    if (isFresh(found, nowMs)) return { kind: 'fresh', entry: found }
    const isUsable = rules !== undefined && mayUseStale(found, 'revalidating', rules, target, nowMs)
    if (isUsable && nowMs >= found.storedAtMs) return { kind: 'stale', entry: found }
    // HEAD never leads a fetch that others use: it would store no body.
    return asked.method === 'HEAD' ? { kind: 'pass', reason: 'stale' } : { kind: 'expired', entry: found }
  }
  // A part is no whole to store, and If-Match is a question to the origin: both are asked of it as they are.
  const wantsWhole = asked.method === 'GET' && (asked.marks & (Mark.range | Mark.precondition)) === 0
  return wantsWhole ? { kind: 'absent', reason: found } : { kind: 'pass', reason: found }
}

/** RFC 9111 4.2, and 5.2.2.4 for `no-cache`. An entry from the future is stale: the clock was set back. */
export function isFresh(entry: ResponseEntry, nowMs: number): boolean {
  if (nowMs >= entry.freshUntilMs || nowMs < entry.storedAtMs) return false
  return (entry.flags & EntryFlag.alwaysValidate) === 0
}
