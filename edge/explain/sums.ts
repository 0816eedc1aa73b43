// The freshness of what is stored, worked out once more with the function that worked it out when it came
// (cache/answer's weigh), and told in words. Nothing is computed here that the path computes otherwise.
import { weigh } from '../cache/answer.js'
import type { ResponseEntry } from '../cache/entry.js'
import { heuristicLifetimeMaxMs } from '../cache/policy.js'
import type { CacheRules } from '../cache/rules.js'
import type { Seconds } from '../http/cache-control.js'
import { allValues, type Fields } from '../http/fields.js'
import { ageValueMs, type FreshnessBasis } from '../http/freshness.js'
import { effectiveCacheControl } from '../http/targeted.js'
import type { FreshnessView, PolicyView } from './explanation.js'
import { duration, fieldName, seconds } from './words.js'

/** What weighing the stored answer again says. */
export interface Sums {
  readonly freshness: FreshnessView
  readonly policy: PolicyView
}

/** `target`: normalised, what the site's rules by path go by. */
export function sumUp(entry: ResponseEntry, target: string, rules: CacheRules, nowMs: number): Sums {
  const { received, status, askedAtMs, storedAtMs, bornAtMs, freshUntilMs } = entry
  // It is stored, so nothing of the request that led to it needs to be judged again.
  const request = { scheme: 'http', method: 'GET', target, fields: [], sentMs: askedAtMs } as const
  const { freshness, force, cacheControl } = weigh(status, received, request, storedAtMs, rules)
  const source = sourceOf(freshness.basis, received, rules, force.why)
  // Its age is the record's: what a HEAD updated was asked for long before.
  const agrees = Math.abs(freshUntilMs - bornAtMs - freshness.lifetimeMs) < 1
  const { sMaxage, maxAge } = cacheControl
  const lifetime = lifetimeWords({
    basis: freshness.basis,
    source,
    directive: freshness.basis === 's-maxage' ? sMaxage : maxAge,
    lifetimeMs: freshness.lifetimeMs,
    heuristicMaxMs: heuristicLifetimeMaxMs(rules.policy, status),
    received,
  })
  const initialAgeMs = storedAtMs - bornAtMs
  const residentMs = nowMs - storedAtMs
  const words = [lifetime, ageWords(received, initialAgeMs), residentWords(residentMs)].filter(text => text)
  return {
    freshness: {
      basis: freshness.basis,
      source,
      lifetimeSeconds: seconds(freshness.lifetimeMs),
      initialAgeSeconds: seconds(initialAgeMs),
      residentSeconds: seconds(residentMs),
      ttlSeconds: seconds(freshUntilMs - nowMs),
      agrees,
      words: `${words.join(', ')}: ${agrees ? leftWords(freshUntilMs - nowMs) : disagreement(freshUntilMs - nowMs)}`,
    },
    policy: {
      rule: force.why,
      never: force.never === true,
      ttlSeconds: secondsOrNull(force.ttlMs),
      staleWhileRevalidateSeconds: secondsOrNull(force.staleWhileRevalidateMs),
      staleIfErrorSeconds: secondsOrNull(force.staleIfErrorMs),
    },
  }
}

/** `fresh for 55 s more`, `stale for 3 s`. */
export function leftWords(leftMs: number): string {
  return leftMs > 0 ? `fresh for ${duration(leftMs)} more` : `stale for ${duration(leftMs)}`
}

function disagreement(leftMs: number): string {
  return `but when it was stored it was given another lifetime, by which it is ${leftWords(leftMs)}`
}

function secondsOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : seconds(ms)
}

/** What gave the lifetime, by name. */
function sourceOf(basis: FreshnessBasis, fields: Fields, rules: CacheRules, rule: string): string | null {
  const { targets, surrogateControl } = rules.cache
  switch (basis) {
    case 's-maxage':
    case 'max-age':
      return effectiveCacheControl({ fields, targets, surrogateControl }).source
    case 'expires':
      return 'expires'
    case 'heuristic':
      return 'last-modified'
    case 'policy':
      return rule
    case 'none':
      return null
  }
}

interface Lifetime {
  basis: FreshnessBasis
  source: string | null
  /** Of s-maxage or max-age, whichever counts. */
  directive: Seconds
  lifetimeMs: number
  heuristicMaxMs: number
  received: Fields
}

function lifetimeWords(lifetime: Lifetime): string {
  const { basis, directive, lifetimeMs, heuristicMaxMs, received } = lifetime
  const source = lifetime.source ?? ''
  switch (basis) {
    case 's-maxage':
    case 'max-age':
      // RFC 9111 4.2.1.
      if (directive === 'invalid') return `${basis} of ${fieldName(source)} is no number, which counts as 0`
      return `${basis}=${directive} of ${fieldName(source)}`
    case 'expires':
      return expiresWords(received, lifetimeMs)
    case 'heuristic': {
      const isCut = lifetimeMs === heuristicMaxMs ? ', cut to the most that the site allows' : ''
      return `a tenth of the time since Last-Modified (${duration(lifetimeMs)}${isCut})`
    }
    case 'policy':
      return `${duration(lifetimeMs)} of ${source}, whatever the origin says`
    case 'none':
      return 'nothing says how long'
  }
}

function expiresWords(received: Fields, lifetimeMs: number): string {
  const values = allValues(received, 'expires')
  // RFC 9111 5.3: of several nobody can know which was meant.
  if (values.length > 1) return `${values.length} lines of Expires, which count as none in force`
  if (lifetimeMs === 0) return `Expires (${values[0]}) is no date or not after Date, which counts as 0`
  return `Expires minus Date (${duration(lifetimeMs)})`
}

/** RFC 9111 4.2.3; '' when it came new. */
function ageWords(received: Fields, initialAgeMs: number): string {
  const saidMs = ageValueMs(received)
  if (initialAgeMs <= 0) return ''
  if (saidMs === 0) return `minus ${duration(initialAgeMs)} that passed since its Date or on the way`
  const beyondMs = initialAgeMs - saidMs
  const beyond = beyondMs > 0 ? `, minus ${duration(beyondMs)} that passed on the way` : ''
  return `minus Age ${saidMs / 1_000}${beyond}`
}

function residentWords(residentMs: number): string {
  if (residentMs < 0) return `and it was stored ${duration(residentMs)} in the future: the clock was set back`
  return residentMs === 0 ? '' : `minus ${duration(residentMs)} in the cache`
}
