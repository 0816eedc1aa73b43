// Generated pairs of request and response, and what we and http-cache-semantics make of each of them.
import { createRequire } from 'node:module'
import { type CacheControl, parseCacheControl } from '../../http/cache-control.js'
import { formatDate } from '../../http/dates.js'
import { combinedValue } from '../../http/fields.js'
import { correctedInitialAgeMs, freshness } from '../../http/freshness.js'
import { mayStore } from '../../http/storable.js'
import { originConditions } from '../../http/validators.js'
import { random } from './random.js'

type Headers = Record<string, string>

/** The part of the package's policy that is compared; it brings no types of its own. */
interface Policy {
  storable(): boolean
  maxAge(): number
  age(): number
  stale(): boolean
  revalidationHeaders(request: { headers: Headers }): Headers
}
type PolicyClass = new (
  request: { method: string; headers: Headers },
  response: { status: number; headers: Headers },
  options: object,
) => Policy

const CachePolicy: PolicyClass = createRequire(import.meta.url)('http-cache-semantics')

/** When every response of the oracle has come. */
export const NOW = Date.UTC(2025, 0, 1)

/** Its policy with our clock: it asks itself for the time. */
class PolicyAtNow extends CachePolicy {
  now(): number {
    return NOW
  }
}

/** Beyond every generated time, so that it does not bound the sums. */
const UNBOUNDED_MS = 1e15

export interface Pair {
  method: string
  status: number
  /** Lower-case names, each once, as the package wants them. */
  request: Headers
  response: Headers
}

/** What one side makes of a pair. */
export interface Sums {
  isStorable: boolean
  lifetimeMs: number
  ageMs: number
  isFresh: boolean
  ifNoneMatch: string | undefined
  ifModifiedSince: string | undefined
}

const DIRECTIVES = [
  ...['no-store', 'no-cache', 'private', 'public', 'must-revalidate', 'proxy-revalidate', 'must-understand'],
  ...['max-age=0', 'max-age=60', 'max-age=3600', 'max-age="60"', 'max-age=-1', 'max-age=1.5', 'max-age=60x'],
  ...['s-maxage=0', 's-maxage=30', 's-maxage=x', 'Max-Age=60', 'max-age=99999999999', 'immutable'],
  ...['no-cache="x-a"', 'private="x-a"', 'x="no-store"', 'stale-while-revalidate=30', 'stale-if-error=30'],
]
const STATUSES = [200, 200, 200, 203, 204, 206, 301, 302, 307, 404, 410, 418, 500, 503, 599]
const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT']
const at = (offsetSeconds: number): string => formatDate(NOW + offsetSeconds * 1000)

/** What each field of the response may be; most often it is absent. */
const RESPONSE: Readonly<Record<string, readonly string[]>> = {
  date: [at(0), at(0), at(0), at(-50), at(50), 'yesterday', '2025-01-01'],
  expires: [at(100), at(3600), at(-100), '0', '2025-06-01'],
  'last-modified': [at(-86_400), at(-1000), at(1000), 'x', '2024-06-01'],
  etag: ['"a"', 'W/"a"'],
  age: ['0', '10', '100', '-1', '5x', 'x'],
  'set-cookie': ['a=1'],
  vary: ['*', 'accept', 'accept, *'],
  pragma: ['no-cache'],
}

/** `count` pairs, the same in every run. */
export function* pairs(count: number): Generator<Pair> {
  const source = random(9)
  const isRare = () => source.below(6) === 0
  for (let i = 0; i < count; i++) {
    const response: Headers = {}
    for (const [name, values] of Object.entries(RESPONSE)) {
      const likely =
        name === 'set-cookie' || name === 'vary' || name === 'pragma' ? isRare() : source.below(5) < 2
      if (likely || (name === 'date' && source.below(4) > 0)) response[name] = source.pick(values)
    }
    const directives = Array.from({ length: source.below(4) }, () => source.pick(DIRECTIVES))
    if (directives.length > 0) response['cache-control'] = directives.join(', ')
    const request: Headers = { host: 'a' }
    if (isRare()) request.authorization = 'x'
    if (isRare()) request['cache-control'] = 'no-store'
    yield { method: source.pick(METHODS), status: source.pick(STATUSES), request, response }
  }
}

export function directivesOf(pair: Pair): CacheControl {
  return parseCacheControl(pair.response['cache-control'])
}

export function ourSums({ method, status, request, response }: Pair): Sums {
  const fields = Object.entries(response).flat()
  const cacheControl = parseCacheControl(combinedValue(fields, 'cache-control'))
  const { lifetimeMs, basis } = freshness({
    status,
    fields,
    cacheControl,
    responseTimeMs: NOW,
    heuristic: true,
    heuristicMaxMs: UNBOUNDED_MS,
  })
  const requestFields = Object.entries(request).flat()
  const verdict = mayStore({
    ...{ method, requestFields, status, fields, cacheControl, basis, lifetimeMs },
    storeSetCookie: false,
  })
  const ageMs = correctedInitialAgeMs({ fields, requestTimeMs: NOW, responseTimeMs: NOW })
  const { etag = '', 'last-modified': lastModified = '' } = response
  const [name, value] = originConditions({ etag, lastModified })
  return {
    isStorable: verdict.store,
    lifetimeMs,
    ageMs,
    isFresh: verdict.store && !verdict.alwaysValidate && ageMs < lifetimeMs,
    ifNoneMatch: name === 'If-None-Match' ? value : undefined,
    ifModifiedSince: name === 'If-Modified-Since' ? value : undefined,
  }
}

export function theirSums({ method, status, request, response }: Pair): Sums {
  // Its day of grace for immutable is of no RFC.
  const options = { shared: true, immutableMinTimeToLive: 0 }
  const policy = new PolicyAtNow({ method, headers: request }, { status, headers: response }, options)
  const asked = policy.revalidationHeaders({ headers: { host: 'a' } })
  return {
    isStorable: policy.storable(),
    lifetimeMs: policy.maxAge() * 1000,
    ageMs: policy.age() * 1000,
    isFresh: policy.storable() && !policy.stale(),
    ifNoneMatch: asked['if-none-match'],
    ifModifiedSince: asked['if-modified-since'],
  }
}
