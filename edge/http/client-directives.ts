// What the client's Cache-Control asks of a stored response (RFC 9111 5.2.1), for sites that honour it; others never
// call this, except for only-if-cached. What then happens to the request is cache/decide's.
import { type CacheControl, parseCacheControl } from './cache-control.js'
import { combinedValue, type Fields, firstValue } from './fields.js'
import { splitList } from './tokens.js'

/** What one request asks. */
export interface ClientDemands {
  cacheControl: CacheControl
  /** Pragma asks for what no-cache asks for. */
  pragmaNoCache: boolean
}

/** The stored response that it could be answered with. */
export interface Candidate {
  ageMs: number
  /** What is left of its freshness; 0 or negative when it is stale. */
  freshnessLeftMs: number
  /** must-revalidate, proxy-revalidate or s-maxage, which max-stale does not lift. */
  mustRevalidate: boolean
}

/** Of the methods that may be answered without asking the origin; any other is written through (RFC 9111 4). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

export function clientDemands(requestFields: Fields): ClientDemands {
  return {
    cacheControl: parseCacheControl(combinedValue(requestFields, 'cache-control')),
    pragmaNoCache: isPragmaNoCache(requestFields),
  }
}

/** True when Pragma asks for what no-cache asks for: it counts only without Cache-Control (RFC 9111 5.4). */
export function isPragmaNoCache(requestFields: Fields): boolean {
  if (firstValue(requestFields, 'cache-control') !== undefined) return false
  const pragma = combinedValue(requestFields, 'pragma')
  return pragma !== undefined && splitList(pragma.toLowerCase()).includes('no-cache')
}

/**
 * True when the client would rather have a 504 than an answer for which the origin is asked (RFC 9111 5.2.1.7). To be
 * asked when it has to be; for a method that may change something the directive means nothing.
 */
export function refusesForwarding(method: string, requestFields: Fields): boolean {
  if (!SAFE_METHODS.has(method)) return false
  const directives = combinedValue(requestFields, 'cache-control')
  return directives !== undefined && parseCacheControl(directives).onlyIfCached
}

/** True when the response is older, or will be stale sooner, than the client accepts, or it wants none unconfirmed. */
function isRefused({ cacheControl, pragmaNoCache }: ClientDemands, candidate: Candidate): boolean {
  const { noCache, maxAge, minFresh } = cacheControl
  if (noCache || pragmaNoCache) return true
  // A number that cannot be read was meant to ask for something newer, so it asks for the newest.
  if (maxAge === 'invalid' || minFresh === 'invalid') return true
  // RFC 9111 5.2.1.1. With 0 a confirmation is meant, even of what came in this very millisecond.
  if (maxAge !== undefined && (maxAge === 0 || candidate.ageMs > maxAge * 1000)) return true
  return minFresh !== undefined && candidate.freshnessLeftMs < minFresh * 1000
}

/** True when the client has said that it takes a response this stale (RFC 9111 5.2.1.2). */
function acceptsStale({ cacheControl }: ClientDemands, candidate: Candidate): boolean {
  const { maxStale } = cacheControl
  if (candidate.mustRevalidate || maxStale === undefined || maxStale === 'invalid') return false
  return maxStale === 'any' || -candidate.freshnessLeftMs <= maxStale * 1000
}

/**
 * True when the client does not take this response stale, not even by stale-while-revalidate or when the origin fails:
 * it wants it confirmed or younger, or named an age without max-stale (RFC 9111 5.2.1.1), or a max-stale that is
 * passed. When false, using it is a matter of its own directives.
 */
export function forbidsStale(demands: ClientDemands, candidate: Candidate): boolean {
  const { noStore, maxAge, maxStale } = demands.cacheControl
  if (noStore || isRefused(demands, candidate)) return true
  return maxStale === undefined ? maxAge !== undefined : !acceptsStale(demands, candidate)
}

/**
 * 'use': as far as the client is concerned the stored response is good as it is. 'validate': only after the origin
 * confirmed it; also for every stale one that max-stale does not admit. 'bypass': past the cache, and the answer is not
 * stored either.
 */
export function judgeClientDirectives(
  demands: ClientDemands,
  candidate: Candidate,
): 'use' | 'validate' | 'bypass' {
  // RFC 9111 5.2.1.5: it forbids to store, and a client that sends it expects the origin's own answer.
  if (demands.cacheControl.noStore) return 'bypass'
  if (isRefused(demands, candidate)) return 'validate'
  return candidate.freshnessLeftMs > 0 || acceptsStale(demands, candidate) ? 'use' : 'validate'
}
