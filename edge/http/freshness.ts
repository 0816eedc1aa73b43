// How long a response is fresh and how old it was when it came (RFC 9111 4.2). Pure sums: whether a stale one may be
// used all the same is decided in cache/decide, and targeted fields replace `cacheControl` before it gets here.
import type { CacheControl, Seconds } from './cache-control.js'
import { parseDate } from './dates.js'
import { allValues, type Fields, firstValue } from './fields.js'
import { DELTA_SECONDS_MAX, parseDeltaSeconds, trimSpace } from './tokens.js'

/** Where a lifetime came from; 'none' when nothing gave one, and then the lifetime is 0. */
export type FreshnessBasis = 's-maxage' | 'max-age' | 'expires' | 'heuristic' | 'policy' | 'none'

export interface Freshness {
  /** 0 or more; at most `DELTA_SECONDS_MAX` seconds. */
  lifetimeMs: number
  basis: FreshnessBasis
}

export interface FreshnessInput {
  status: number
  fields: Fields
  cacheControl: CacheControl
  responseTimeMs: number
  /** Whether the site allows heuristic lifetimes. */
  heuristic: boolean
  heuristicMaxMs: number
  /** False when a targeted field rules, which puts Expires out of force too (RFC 9213 2.2). */
  expiresCounts?: boolean
}

const AGE_MAX_MS = DELTA_SECONDS_MAX * 1000

/** Of the time since Last-Modified (RFC 9111 4.2.2). */
const HEURISTIC_FRACTION = 0.1

/** RFC 9110 15.1, those defined as heuristically cacheable. */
const HEURISTIC_STATUSES = new Set([200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501])

/** True when a cache may store and age a response of this status without being told (RFC 9111 4.2.2). */
export function isHeuristicallyCacheable(status: number, cacheControl: CacheControl): boolean {
  return HEURISTIC_STATUSES.has(status) || cacheControl.public
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 0), AGE_MAX_MS)
}

/** An unreadable number is stale, not absent: the sender meant to limit (RFC 9111 4.2.1). */
function secondsToMs(seconds: Seconds): number {
  return typeof seconds === 'number' ? seconds * 1000 : 0
}

/** The value of Date in ms; missing, repeated or invalid it is the time of receipt (RFC 9110 6.6.1). */
export function dateValueMs(fields: Fields, responseTimeMs: number): number {
  const values = allValues(fields, 'date')
  const date = values.length === 1 ? parseDate(values[0], responseTimeMs) : undefined
  return date ?? responseTimeMs
}

/** RFC 9111 5.3: an invalid Expires, as `0`, is in the past; of several nobody can know which was meant. */
function expiresLifetimeMs(values: readonly string[], fields: Fields, responseTimeMs: number): number {
  const expires = values.length === 1 ? parseDate(values[0], responseTimeMs) : undefined
  return expires === undefined ? 0 : bounded(expires - dateValueMs(fields, responseTimeMs))
}

/** A share of the time since Last-Modified, or undefined when none may be assumed (RFC 9111 4.2.2). */
function heuristicLifetimeMs(input: FreshnessInput): number | undefined {
  if (!input.heuristic || !isHeuristicallyCacheable(input.status, input.cacheControl)) return undefined
  const values = allValues(input.fields, 'last-modified')
  const modified = values.length === 1 ? parseDate(values[0], input.responseTimeMs) : undefined
  if (modified === undefined) return undefined
  const unchangedMs = dateValueMs(input.fields, input.responseTimeMs) - modified
  if (unchangedMs <= 0) return undefined
  return bounded(Math.min(Math.floor(unchangedMs * HEURISTIC_FRACTION), input.heuristicMaxMs))
}

/** The freshness lifetime for a shared cache and where it came from (RFC 9111 4.2.1, 4.2.2). */
export function freshness(input: FreshnessInput): Freshness {
  const { sMaxage, maxAge } = input.cacheControl
  if (sMaxage !== undefined) return { lifetimeMs: secondsToMs(sMaxage), basis: 's-maxage' }
  if (maxAge !== undefined) return { lifetimeMs: secondsToMs(maxAge), basis: 'max-age' }
  const expires = input.expiresCounts === false ? [] : allValues(input.fields, 'expires')
  if (expires.length > 0) {
    return { lifetimeMs: expiresLifetimeMs(expires, input.fields, input.responseTimeMs), basis: 'expires' }
  }
  const lifetimeMs = heuristicLifetimeMs(input)
  return lifetimeMs === undefined ? { lifetimeMs: 0, basis: 'none' } : { lifetimeMs, basis: 'heuristic' }
}

/** The value of Age in ms: the first of several; 0 when absent or no plain number (RFC 9111 5.1). */
export function ageValueMs(fields: Fields): number {
  const value = firstValue(fields, 'age')
  if (value === undefined) return 0
  const [first] = value.split(',', 1)
  return (parseDeltaSeconds(trimSpace(first)) ?? 0) * 1000
}

/**
 * How old the response already was when it came (RFC 9111 4.2.3). Never negative; an Age beyond `DELTA_SECONDS_MAX`
 * saturates there, which no lifetime exceeds, so such a response is stale for ever.
 */
export function correctedInitialAgeMs(input: {
  fields: Fields
  requestTimeMs: number
  responseTimeMs: number
}): number {
  const { fields, requestTimeMs, responseTimeMs } = input
  const dateMs = dateValueMs(fields, responseTimeMs)
  return initialAgeMs({ dateMs, ageValueMs: ageValueMs(fields), requestTimeMs, responseTimeMs })
}

/** The same of what its Date and Age say. */
export function initialAgeMs(input: {
  /** Undefined without a valid one: it counts as sent when it came (RFC 9110 6.6.1). */
  dateMs: number | undefined
  ageValueMs: number
  requestTimeMs: number
  responseTimeMs: number
}): number {
  const { dateMs, ageValueMs, requestTimeMs, responseTimeMs } = input
  const apparentAgeMs = responseTimeMs - (dateMs ?? responseTimeMs)
  const responseDelayMs = Math.max(responseTimeMs - requestTimeMs, 0)
  return bounded(Math.max(apparentAgeMs, ageValueMs + responseDelayMs))
}
