// What the client's Cache-Control asks of a stored response (RFC 9111 5.2.1), for sites that honour it; others never
// call this. only-if-cached concerns what is not stored, and is the path's.
import type { CacheControl } from './cache-control.js'
import { combinedValue, type Fields, firstValue } from './fields.js'
import { splitList } from './tokens.js'

export interface ClientDirectivesInput {
  /** Of the request. */
  cacheControl: CacheControl
  /** `isPragmaNoCache` of the request. */
  pragmaNoCache: boolean
  ageMs: number
  /** What is left of the stored response's freshness; 0 or negative when it is stale. */
  freshnessLeftMs: number
  /** Of the stored response: must-revalidate, proxy-revalidate or s-maxage, which max-stale does not lift. */
  mustRevalidate?: boolean
}

/** True when Pragma asks for what no-cache asks for: it counts only without Cache-Control (RFC 9111 5.4). */
export function isPragmaNoCache(requestFields: Fields): boolean {
  if (firstValue(requestFields, 'cache-control') !== undefined) return false
  const pragma = combinedValue(requestFields, 'pragma')
  return pragma !== undefined && splitList(pragma.toLowerCase()).includes('no-cache')
}

/** True when the stored response is older, or will be stale sooner, than the client accepts. */
function isRefused({ cacheControl, ageMs, freshnessLeftMs }: ClientDirectivesInput): boolean {
  const { maxAge, minFresh } = cacheControl
  // A number that cannot be read was meant to ask for something newer, so it asks for the newest.
  if (maxAge === 'invalid' || minFresh === 'invalid') return true
  if (maxAge !== undefined && ageMs > maxAge * 1000) return true
  return minFresh !== undefined && freshnessLeftMs < minFresh * 1000
}

/** True when the client has said that it takes a response this stale (RFC 9111 5.2.1.2). */
function acceptsStale({ cacheControl, freshnessLeftMs, mustRevalidate }: ClientDirectivesInput): boolean {
  const { maxStale } = cacheControl
  if (mustRevalidate || maxStale === undefined || maxStale === 'invalid') return false
  return maxStale === 'any' || -freshnessLeftMs <= maxStale * 1000
}

/**
 * True when the client wants nothing stale, not even by stale-while-revalidate: it named an age or freshness and no
 * max-stale (RFC 9111 5.2.1.1). When false, a stale response is a matter of its own directives.
 */
export function forbidsStale(cacheControl: CacheControl, pragmaNoCache: boolean): boolean {
  const { noCache, noStore, maxAge, minFresh, maxStale } = cacheControl
  if (noCache || noStore || pragmaNoCache) return true
  return (maxAge !== undefined || minFresh !== undefined) && maxStale === undefined
}

/**
 * 'use': as far as the client is concerned the stored response is good as it is. 'validate': only after the origin
 * confirmed it; also for every stale one that max-stale does not admit. 'bypass': past the cache, and the answer is not
 * stored either.
 */
export function judgeClientDirectives(input: ClientDirectivesInput): 'use' | 'validate' | 'bypass' {
  const { cacheControl, pragmaNoCache, freshnessLeftMs } = input
  // RFC 9111 5.2.1.5: it forbids to store, and a client that sends it expects the origin's own answer.
  if (cacheControl.noStore) return 'bypass'
  if (cacheControl.noCache || pragmaNoCache || isRefused(input)) return 'validate'
  return freshnessLeftMs > 0 || acceptsStale(input) ? 'use' : 'validate'
}
