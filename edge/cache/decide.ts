// What to do with a request, given what is stored: a pure function of values. Acting on it is request.ts's.
import { type Exchange, Mark } from '../exchange.js'
import { type ClientDemands, clientDemands, judgeClientDirectives } from '../http/client-directives.js'
import type { Fields } from '../http/fields.js'
import { EntryFlag, type ResponseEntry } from './entry.js'
import type { Found } from './lookup.js'
import type { CacheRules } from './rules.js'
import { candidateOf, mayUseStale } from './stale-use.js'

/** Why the request goes to the origin alone: the words of RFC 9211 2.2. */
export type PassReason = 'method' | 'request' | 'bypass' | 'uri-miss' | 'vary-miss' | 'stale'

/** Why what is stored has to be confirmed: it is not fresh, or it is and this client does not take it. */
export type ExpiredReason = 'stale' | 'request'

export type Verdict =
  | { kind: 'fresh'; entry: ResponseEntry }
  /** Usable while it is asked for anew behind the answer. */
  | { kind: 'stale'; entry: ResponseEntry }
  | { kind: 'expired'; reason: ExpiredReason; entry: ResponseEntry }
  | { kind: 'absent'; reason: 'uri-miss' | 'vary-miss' }
  | { kind: 'pass'; reason: PassReason }

export interface Asked {
  method: string
  marks: number
  hasBody: boolean
  /** Of `demandsOf`. */
  demands?: ClientDemands | undefined
}

const passMethod: Verdict = Object.freeze({ kind: 'pass', reason: 'method' })
const passRequest: Verdict = Object.freeze({ kind: 'pass', reason: 'request' })
const passBypass: Verdict = Object.freeze({ kind: 'pass', reason: 'bypass' })

/** True when a stored response may answer, so that a look-up is worth while. */
export function mayUseStored(asked: Asked): boolean {
  // A GET with a body is passed, never keyed: http-rules.md 11a.
  return isReading(asked) && !asked.hasBody
}

function isReading({ method }: Asked): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** What the client demands of a stored response; undefined when that is nothing, or the site does not honour it. */
export function demandsOf(
  x: { readonly marks: number; readonly fields: Fields },
  rules: CacheRules,
): ClientDemands | undefined {
  if ((x.marks & Mark.cacheControl) === 0 || !rules.cache.honourClientDirectives) return undefined
  return clientDemands(x.fields)
}

/**
 * `found` is only looked at when `mayUseStored(asked)`; `rules` and `target` only when it is not fresh. Without rules
 * nothing is used past its freshness.
 */
export function decide(found: Found, asked: Asked, nowMs: number, rules?: CacheRules, target = ''): Verdict {
  if (!mayUseStored(asked)) return isReading(asked) ? passRequest : passMethod
  if (asked.demands !== undefined) return decideFor(asked.demands, found, asked, nowMs, rules, target)
  if (typeof found === 'string') return decideAbsent(found, asked, rules)
  if (isFresh(found, nowMs)) return { kind: 'fresh', entry: found }
  return decideStale('revalidating', found, asked, nowMs, rules, target)
}

/** The same for a client whose wishes the site honours (RFC 9111 5.2.1). */
function decideFor(
  demands: ClientDemands,
  found: Found,
  asked: Asked,
  nowMs: number,
  rules: CacheRules | undefined,
  target: string,
): Verdict {
  // RFC 9111 5.2.1.5: whatever is stored, and nothing of the answer will be.
  if (demands.cacheControl.noStore) return passBypass
  if (typeof found === 'string') return decideAbsent(found, asked, rules)
  const accepts = judgeClientDirectives(demands, candidateOf(found, nowMs)) === 'use'
  if (isFresh(found, nowMs)) {
    return accepts ? { kind: 'fresh', entry: found } : decideExpired('request', found, asked)
  }
  return decideStale(accepts ? 'accepted' : 'revalidating', found, asked, nowMs, rules, target)
}

function decideStale(
  situation: 'accepted' | 'revalidating',
  entry: ResponseEntry,
  asked: Asked,
  nowMs: number,
  rules: CacheRules | undefined,
  target: string,
): Verdict {
  const isUsable =
    rules !== undefined &&
    nowMs >= entry.storedAtMs &&
    mayUseStale(entry, situation, rules, target, nowMs, asked.demands)
  return isUsable ? { kind: 'stale', entry } : decideExpired('stale', entry, asked)
}

function decideExpired(reason: ExpiredReason, entry: ResponseEntry, asked: Asked): Verdict {
  // HEAD never leads a fetch that others use: it would store no body.
  return asked.method === 'HEAD' ? { kind: 'pass', reason } : { kind: 'expired', reason, entry }
}

function decideAbsent(
  reason: 'uri-miss' | 'vary-miss',
  asked: Asked,
  rules: CacheRules | undefined,
): Verdict {
  // If-Match is a question to the origin; and where nothing is kept in blocks a part is no whole to store.
  const own = rules?.cache.slices === true ? Mark.precondition : Mark.range | Mark.precondition
  const wantsWhole = asked.method === 'GET' && (asked.marks & own) === 0
  return wantsWhole ? { kind: 'absent', reason } : { kind: 'pass', reason }
}

/** Whether a hit would use it as it is, fresh or while it is asked for anew (RFC 5861 3). */
export function isUsable(entry: ResponseEntry, rules: CacheRules, target: string, nowMs: number): boolean {
  return isFresh(entry, nowMs) || mayUseStale(entry, 'revalidating', rules, target, nowMs)
}

/** RFC 9111 4: what a hit of `x` could not use without asking is for nobody else; `entry` is made only if it must be. */
export function isForAll(
  { site, target }: Pick<Exchange, 'site' | 'target'>,
  times: Parameters<typeof isFresh>[0],
  entry: () => ResponseEntry,
  nowMs: number,
): boolean {
  return isFresh(times, nowMs) || isUsable(entry(), site!.rules, target, nowMs)
}

/** RFC 9111 4.2, and 5.2.2.4 for `no-cache`. An entry from the future is stale: the clock was set back. */
export function isFresh(
  entry: Pick<ResponseEntry, 'freshUntilMs' | 'storedAtMs' | 'flags'>,
  nowMs: number,
): boolean {
  if (nowMs >= entry.freshUntilMs || nowMs < entry.storedAtMs) return false
  return (entry.flags & EntryFlag.alwaysValidate) === 0
}
