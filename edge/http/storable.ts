// Whether a response may be stored by a shared cache (RFC 9111 3), and what of it may be reused. For how long it is
// fresh is freshness.ts's; whether there is room for it, and that a GET with a body is never keyed, are others'.
import type { CacheControl } from './cache-control.js'
import { allValues, combinedValue, type Fields, firstValue } from './fields.js'
import { type FreshnessBasis, isHeuristicallyCacheable } from './freshness.js'
import { isUnderstood } from './status.js'
import { splitList } from './tokens.js'
import { REDUCED_CODINGS, varyNames } from './vary.js'

/** Why a response is not stored: the `detail` of Cache-Status and the word in the log. */
export type StoreRefusal =
  | 'method'
  | 'status'
  | 'partial'
  | 'no-store'
  | 'private'
  | 'vary-star'
  | 'vary-coding'
  | 'authorization'
  | 'set-cookie'
  | 'no-freshness'

export type StoreVerdict =
  | { store: true; alwaysValidate: boolean; mustRevalidate: boolean }
  | { store: false; reason: StoreRefusal }

export interface StorableInput {
  method: string
  requestFields: Fields
  status: number
  /** The response's fields. */
  fields: Fields
  /** Of the response; that of the request does not bind a cache that its site's operator runs. */
  cacheControl: CacheControl
  basis: FreshnessBasis
  lifetimeMs: number
  /** What the response itself gives, where a site's rule may have set `basis`. */
  saidBasis?: FreshnessBasis
  /** The site's permission to store responses with Set-Cookie. */
  storeSetCookie: boolean
  /** Whether a targeted field rules: its lifetime is meant for caches like us, cookie or not. */
  isTargeted?: boolean
  /** Whether Content-Location names the target of the request, see `isContentLocationTarget`. */
  contentLocationIsTarget?: boolean
}

/** The bases that are written in the response (RFC 9111 4.2.1). */
const EXPLICIT: readonly FreshnessBasis[] = ['s-maxage', 'max-age', 'expires']

/** The fields without those that a qualified no-cache or private keeps from reuse (RFC 9111 5.2.2.4, 5.2.2.7). */
export function fieldsToKeep(fields: Fields, cacheControl: CacheControl): string[] {
  const { noCacheFields, privateFields } = cacheControl
  if (noCacheFields.length === 0 && privateFields.length === 0) return [...fields]
  const dropped = new Set([...noCacheFields, ...privateFields])
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (!dropped.has(fields[i].toLowerCase())) kept.push(fields[i], fields[i + 1])
  }
  return kept
}

/** HEAD brings no body, and no other method has a response that means the same to the next client. */
function refuseMethod(input: StorableInput): StoreRefusal | undefined {
  if (input.method === 'GET') return undefined
  // RFC 9110 9.3.3: only with explicit freshness and a Content-Location that is the target, and 8.7: which says so only
  // of a 2xx with content. It then answers GET.
  const { method, status, contentLocationIsTarget, saidBasis = input.basis } = input
  const hasContent = status >= 200 && status <= 299 && status !== 204 && status !== 205
  const isReusablePost = method === 'POST' && contentLocationIsTarget === true && hasContent
  return isReusablePost && EXPLICIT.includes(saidBasis) ? undefined : 'method'
}

function refuseStatus({ status, cacheControl }: StorableInput): StoreRefusal | undefined {
  // RFC 9110 15: nothing else is a final status. A 304 is an update of a stored response, never one itself.
  if (status < 200 || status > 599 || status === 304) return 'status'
  // Parts are stored when there is something to combine them with (RFC 9111 3.3 permits, does not ask).
  if (status === 206) return 'partial'
  // RFC 9111 5.2.2.3: with it, only a status whose rules we know is stored, and no-store does not count.
  if (cacheControl.mustUnderstand) return isUnderstood(status) ? undefined : 'status'
  return cacheControl.noStore ? 'no-store' : undefined
}

/** Accept-Encoding is reduced to the codings we know, so a body in another one must not be found by it. */
function hasForeignCoding(fields: Fields): boolean {
  const value = combinedValue(fields, 'content-encoding')
  if (value === undefined) return false
  return !splitList(value.toLowerCase()).every(
    coding => coding === 'identity' || coding === 'x-gzip' || REDUCED_CODINGS.includes(coding),
  )
}

function refuseVary(fields: Fields): StoreRefusal | undefined {
  const names = varyNames(fields)
  if (names === '*') return 'vary-star'
  return names.includes('accept-encoding') && hasForeignCoding(fields) ? 'vary-coding' : undefined
}

/** RFC 9111 3.5: a response to a request with Authorization is shared only when it says so. */
function refuseAuthorization({ requestFields, cacheControl }: StorableInput): StoreRefusal | undefined {
  if (firstValue(requestFields, 'authorization') === undefined) return undefined
  const { public: isPublic, mustRevalidate, sMaxage } = cacheControl
  return isPublic || mustRevalidate || typeof sMaxage === 'number' ? undefined : 'authorization'
}

/** Not of the RFC: a cookie is nearly always one person's, so it must be meant for all in so many words. */
function refuseSetCookie(input: StorableInput): StoreRefusal | undefined {
  const { fields, cacheControl } = input
  if (input.storeSetCookie || cacheControl.public || typeof cacheControl.sMaxage === 'number')
    return undefined
  if (input.isTargeted && Number(cacheControl.maxAge) > 0) return undefined
  const kept = fieldsToKeep(fields, cacheControl)
  return allValues(kept, 'set-cookie').length > 0 ? 'set-cookie' : undefined
}

/** True when what is stored could ever be used: fresh, after validation, or stale by permission. */
function isUsable({ status, fields, cacheControl, basis, lifetimeMs }: StorableInput): boolean {
  // RFC 9111 3, last list: something must permit to store it at all.
  if (basis === 'none' && !isHeuristicallyCacheable(status, cacheControl)) return false
  if (firstValue(fields, 'etag') || firstValue(fields, 'last-modified')) return true
  if (cacheControl.noCache) return false
  const { staleWhileRevalidate, staleIfError } = cacheControl
  return lifetimeMs > 0 || Number(staleWhileRevalidate) > 0 || Number(staleIfError) > 0
}

/** The verdict on storing a response to a complete request (RFC 9111 3). The first reason that holds is named. */
export function mayStore(input: StorableInput): StoreVerdict {
  const { cacheControl } = input
  let reason = refuseMethod(input) ?? refuseStatus(input)
  if (cacheControl.privateAll) reason ??= 'private'
  reason ??= refuseVary(input.fields) ?? refuseAuthorization(input) ?? refuseSetCookie(input)
  if (reason === undefined && !isUsable(input)) reason = 'no-freshness'
  if (reason !== undefined) return { store: false, reason }
  return {
    store: true,
    alwaysValidate: cacheControl.noCache,
    // RFC 9111 5.2.2.8 and 5.2.2.10: s-maxage implies proxy-revalidate.
    mustRevalidate:
      cacheControl.mustRevalidate || cacheControl.proxyRevalidate || cacheControl.sMaxage !== undefined,
  }
}
