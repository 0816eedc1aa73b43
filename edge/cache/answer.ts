// What an origin's answer means for the cache, worked out once: lifetime, age, whether it is stored and how it varies.
// Pure; collecting and storing it is admit.ts's.
import type { CacheControl } from '../http/cache-control.js'
import { type Fields, firstValue } from '../http/fields.js'
import { parseContentLength } from '../http/framing.js'
import { correctedInitialAgeMs, type Freshness, freshness } from '../http/freshness.js'
import { responseEndToEnd } from '../http/hop-by-hop.js'
import type { Scheme } from '../http/host.js'
import { groupsOf } from '../http/invalidation.js'
import { isContentLocationTarget } from '../http/reference.js'
import { fieldsToKeep, mayStore, type StoreVerdict } from '../http/storable.js'
import { tagsOf } from '../http/tags.js'
import { effectiveCacheControl } from '../http/targeted.js'
import { isUsualRequest } from '../http/usual-fields.js'
import { varyNames } from '../http/vary.js'
import { type EntryDraft, EntryFlag } from './entry.js'
import type { Forms } from './form-rules.js'
import { type Forced, forced, heuristicLifetimeMaxMs } from './policy.js'
import type { CacheRules } from './rules.js'
import { offering } from './told.js'

type Verdict = StoreVerdict | { store: false; reason: 'policy' | 'suspect' }

export interface Answer {
  readonly status: number
  /** As received. */
  readonly fields: Fields
  readonly cacheControl: CacheControl
  readonly freshness: Freshness
  /** Corrected initial age (RFC 9111 4.2.3). */
  readonly ageMs: number
  readonly askedAtMs: number
  /** The number of the last purge when the origin was asked. */
  readonly fence: number
  readonly receivedMs: number
  readonly verdict: Verdict
  /** What the site's rules say of it. */
  readonly force: Forced
  /** Fields that clients do not get (`CacheRules.hidden`). */
  readonly hidden: ReadonlySet<string>
  /** Which other forms of it clients may get. */
  readonly forms: Forms | undefined
  /** As `FormRules.dictionaryOf`, of what may be one. */
  readonly dictionary: string | undefined
}

/** The request it answers, as far as it matters here. Times are wall clock. */
export interface AnsweredRequest {
  scheme: Scheme
  method: string
  /** Normalised: path and query. */
  target: string
  fields: Fields
  /** Among them is no Authorization: they need not be read for it. */
  isOrdinary?: boolean
  /** Fractions only tell what was asked first (invalidations.ts). */
  sentMs: number
  /** The number of the last purge by then; absent: there was none. */
  fence?: number
  /** Host as in the key; without it no answer to a POST is taken for what its URL names. */
  authority?: string | undefined
}

/** What the origin says of times, and what the site's rules force over it. */
export interface Times {
  readonly cacheControl: CacheControl
  /** The field that rules: `cache-control`, or a targeted one. */
  readonly source: string
  /** By the origin's word alone. */
  readonly said: Freshness
  readonly force: Forced
}

/** `target`: normalised; `receivedMs`: wall clock. */
export function judgeTimes(
  { status, fields }: { status: number; fields: Fields },
  target: string,
  receivedMs: number,
  rules: CacheRules,
): Times {
  const { targets, surrogateControl, heuristic } = rules.cache
  const { cacheControl, source, expiresCounts } = effectiveCacheControl({ fields, targets, surrogateControl })
  const said = freshness({
    status,
    fields,
    cacheControl,
    expiresCounts,
    responseTimeMs: receivedMs,
    // What is not stored needs none.
    heuristic: heuristic && (!cacheControl.noStore || cacheControl.mustUnderstand),
    heuristicMaxMs: heuristicLifetimeMaxMs(rules.policy, status),
  })
  const force = forced(rules.policy, {
    target,
    status,
    contentType: firstValue(fields, 'content-type'),
    hasExplicitFreshness: isExplicit(cacheControl, said),
  })
  return { cacheControl, source, said, force }
}

/** A page, or data, that looks like everybody's by nothing but its type, for a client that says who it is. */
function isPersonal(request: AnsweredRequest, { isGuess }: Forced, { cache }: CacheRules): boolean {
  if (isGuess !== true || cache.keyFields.includes('cookie')) return false
  return firstValue(request.fields, 'cookie') !== undefined
}

const noFields: Fields = []
const suspect = Object.freeze({ store: false, reason: 'suspect' } as const)

/** An error that an unusual request may have caused, and of which the origin has not said that all may have it. */
function isSuspect(
  status: number,
  request: AnsweredRequest,
  { basis }: Freshness,
  rules: CacheRules,
): boolean {
  if (status < 400 || (basis !== 'heuristic' && basis !== 'policy')) return false
  return !isUsualRequest(request.fields, rules.cache.keyFields)
}

export function weigh(
  status: number,
  fields: Fields,
  request: AnsweredRequest,
  receivedMs: number,
  rules: CacheRules,
): Answer {
  const { cacheControl, source, said, force } = judgeTimes(
    { status, fields },
    request.target,
    receivedMs,
    rules,
  )
  const lifetime: Freshness = force.ttlMs === undefined ? said : { lifetimeMs: force.ttlMs, basis: 'policy' }
  const verdict: Verdict = force.never
    ? { store: false, reason: 'policy' }
    : mayStore({
        method: request.method,
        requestFields: request.isOrdinary ? noFields : request.fields,
        status,
        fields,
        cacheControl,
        basis: lifetime.basis,
        lifetimeMs: lifetime.lifetimeMs,
        storeSetCookie: rules.cache.storeSetCookie,
        isTargeted: source !== 'cache-control',
        saidBasis: said.basis,
        contentLocationIsTarget: request.method === 'POST' && namesItsTarget(fields, request),
      })
  const isDoubtful = isSuspect(status, request, lifetime, rules) || isPersonal(request, force, rules)
  const weighed = isDoubtful ? suspect : verdict
  const forms = weighed.store ? rules.forms?.formsOf(status, fields, cacheControl.noTransform) : undefined
  const requestTimeMs = Math.floor(request.sentMs)
  const ageMs = correctedInitialAgeMs({ fields, requestTimeMs, responseTimeMs: receivedMs })
  const { hidden } = rules
  const askedAtMs = request.sentMs
  return {
    status,
    fields,
    cacheControl,
    freshness: lifetime,
    force,
    ageMs,
    askedAtMs,
    fence: request.fence ?? 0,
    receivedMs,
    verdict: weighed,
    hidden,
    forms,
    dictionary: forms === 'compressible' ? rules.forms?.dictionaryOf(request.target, fields) : undefined,
  }
}

function namesItsTarget(fields: Fields, { scheme, target, authority }: AnsweredRequest): boolean {
  if (authority === undefined) return false
  return isContentLocationTarget(fields, { target, host: authority, scheme })
}

/** The origin itself said how long, or that it is not to be stored or used unasked. */
function isExplicit(cacheControl: CacheControl, { basis }: Freshness): boolean {
  const { noStore, privateAll, noCache } = cacheControl
  return noStore || privateAll || noCache || (basis !== 'none' && basis !== 'heuristic')
}

/** No hit may ever use it without asking: the next one will be the same, unlike one that only came late. */
export function isForOne({ verdict, freshness: { lifetimeMs } }: Answer): boolean {
  return !verdict.store || verdict.alwaysValidate || lifetimeMs <= 0
}

/** The parts of an entry draft that follow from the answer's head. */
export function describe(answer: Answer): Omit<EntryDraft, 'block' | 'notModifiedBytes' | 'content'> {
  const { verdict, receivedMs, ageMs, fields } = answer
  const bornAtMs = receivedMs - ageMs
  const names = varyNames(fields)
  const groups = groupsOf(fields)
  return {
    status: answer.status,
    flags:
      flagsOf(verdict) |
      (groups.length > 0 ? EntryFlag.grouped : 0) |
      formFlags[answer.forms ?? 'none'] |
      (answer.dictionary === undefined ? 0 : EntryFlag.dictionary),
    bornAtMs,
    freshUntilMs: bornAtMs + answer.freshness.lifetimeMs,
    storedAtMs: receivedMs,
    askedAtMs: answer.askedAtMs,
    fence: answer.fence,
    etag: firstValue(fields, 'etag') ?? '',
    lastModified: firstValue(fields, 'last-modified') ?? '',
    varyNames: names === '*' ? [] : names,
    received: offering(fieldsToKeep(responseEndToEnd(fields), answer.cacheControl), answer),
    groups,
    tags: tagsOf(fields).tags,
  }
}

const formFlags = {
  none: 0,
  compressible: EntryFlag.compressible,
  coded: EntryFlag.coded,
  image: EntryFlag.image,
} as const

function flagsOf(verdict: Answer['verdict']): number {
  if (!verdict.store) return 0
  const always = verdict.alwaysValidate ? EntryFlag.alwaysValidate : 0
  return always | (verdict.mustRevalidate ? EntryFlag.mustRevalidate : 0)
}

/**
 * Whether a 304 speaks of the response that is stored: its validators must be the stored ones (RFC 9111 4.3.4). Weak
 * comparison is enough, since the 304 was asked for with the stored tag.
 */
export function isAboutStored(stored: { etag: string; lastModified: string }, from304: Fields): boolean {
  const etag = firstValue(from304, 'etag')
  if (etag !== undefined) return strong(etag) === strong(stored.etag)
  const lastModified = firstValue(from304, 'last-modified')
  return lastModified === undefined || stored.lastModified === '' || lastModified === stored.lastModified
}

function strong(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}

/** Body length that the fields promise, when they do. */
export function promisedBytes(fields: Fields): number | undefined {
  const value = firstValue(fields, 'content-length')
  return value === undefined ? undefined : parseContentLength(value)
}
