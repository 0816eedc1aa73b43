// Whether what is stored may be used past its freshness (http-rules.md F). Off the hit path: only for what is no longer
// fresh are the fields it came with read again.
import { type Candidate, type ClientDemands, forbidsStale } from '../http/client-directives.js'
import { mayServeStale, type StaleSituation } from '../http/stale.js'
import { judgeTimes } from './answer.js'
import { EntryFlag, type ResponseEntry } from './entry.js'
import type { CacheRules } from './rules.js'

/** The response as a client's demands look at it. */
export function candidateOf(entry: ResponseEntry, nowMs: number): Candidate {
  return {
    ageMs: Math.max(nowMs - entry.bornAtMs, 0),
    freshnessLeftMs: entry.freshUntilMs - nowMs,
    mustRevalidate: (entry.flags & EntryFlag.mustRevalidate) !== 0,
  }
}

/**
 * `target`: normalised, what the site's rules by path go by. `demands`: of the client, where the site honours them; a
 * response that it does not take stale is not usable in any situation.
 */
export function mayUseStale(
  entry: ResponseEntry,
  situation: StaleSituation,
  rules: CacheRules,
  target: string,
  nowMs: number,
  demands?: ClientDemands,
): boolean {
  if (demands !== undefined && forbidsStale(demands, candidateOf(entry, nowMs))) return false
  const { received: fields, status, flags, freshUntilMs, storedAtMs } = entry
  const { cacheControl, force } = judgeTimes({ status, fields }, target, storedAtMs, rules)
  return mayServeStale({
    situation,
    freshUntilMs,
    now: nowMs,
    staleWhileRevalidateMs: force.staleWhileRevalidateMs ?? milliseconds(cacheControl.staleWhileRevalidate),
    staleIfErrorMs: force.staleIfErrorMs ?? milliseconds(cacheControl.staleIfError),
    mustRevalidate: (flags & EntryFlag.mustRevalidate) !== 0,
    alwaysValidate: (flags & EntryFlag.alwaysValidate) !== 0,
    staleMaxMs: rules.cache.staleMaxMs,
  })
}

/** A directive that is absent or invalid permits nothing. */
function milliseconds(seconds: number | 'invalid' | undefined): number {
  return typeof seconds === 'number' ? seconds * 1000 : 0
}
