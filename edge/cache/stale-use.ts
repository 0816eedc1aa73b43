// Whether what is stored may be used past its freshness (http-rules.md F). Off the hit path: only for what is no longer
// fresh are the fields it came with read again.
import { firstValue } from '../http/fields.js'
import { mayServeStale, type StaleSituation } from '../http/stale.js'
import { effectiveCacheControl } from '../http/targeted.js'
import { EntryFlag, type ResponseEntry } from './entry.js'
import { forced } from './policy.js'
import type { CacheRules } from './rules.js'

/** `target`: normalised, what the site's rules by path go by. */
export function mayUseStale(
  entry: ResponseEntry,
  situation: StaleSituation,
  rules: CacheRules,
  target: string,
  nowMs: number,
): boolean {
  const { received, status, flags, freshUntilMs } = entry
  const { targets, surrogateControl, staleMaxMs } = rules.cache
  const { cacheControl } = effectiveCacheControl({ fields: received, targets, surrogateControl })
  const force = forced(rules.policy, {
    target,
    status,
    contentType: firstValue(received, 'content-type'),
    hasExplicitFreshness: cacheControl.maxAge !== undefined || cacheControl.sMaxage !== undefined,
  })
  return mayServeStale({
    situation,
    freshUntilMs,
    now: nowMs,
    staleWhileRevalidateMs: force.staleWhileRevalidateMs ?? milliseconds(cacheControl.staleWhileRevalidate),
    staleIfErrorMs: force.staleIfErrorMs ?? milliseconds(cacheControl.staleIfError),
    mustRevalidate: (flags & EntryFlag.mustRevalidate) !== 0,
    alwaysValidate: (flags & EntryFlag.alwaysValidate) !== 0,
    staleMaxMs,
  })
}

/** A directive that is absent or invalid permits nothing. */
function milliseconds(seconds: number | 'invalid' | undefined): number {
  return typeof seconds === 'number' ? seconds * 1000 : 0
}
