// Which cache control rules: that of a targeted field meant for caches like us (RFC 9213), of Surrogate-Control where
// the site has it on, or Cache-Control. What the directives then mean is as always freshness.ts's and storable.ts's.
import { type CacheControl, emptyCacheControl, has, NUMBERS, parseCacheControl } from './cache-control.js'
import { combinedValue, type Fields } from './fields.js'
import { type Item, parseDictionary } from './structured-fields.js'
import { DELTA_SECONDS_MAX, isToken, parseDeltaSeconds, splitList, splitParameters } from './tokens.js'

export interface EffectiveCacheControl {
  cacheControl: CacheControl
  /** Lower-case name of the field that rules. */
  source: string
  /** False when Expires is out of force together with Cache-Control (RFC 9213 2.2). */
  expiresCounts: boolean
}

const FLAGS = {
  'no-store': 'noStore',
  'must-revalidate': 'mustRevalidate',
  'proxy-revalidate': 'proxyRevalidate',
  'must-understand': 'mustUnderstand',
  'no-transform': 'noTransform',
  public: 'public',
  immutable: 'immutable',
} as const

/** Directives that may be restricted to fields: where the unqualified and the qualified form go. */
const NAMING = {
  'no-cache': ['noCache', 'noCacheFields'],
  private: ['privateAll', 'privateFields'],
} as const

/** An integer below 0 has the right type and no lawful meaning: 'invalid', so stale. */
function secondsOf(value: number): number | 'invalid' {
  return value < 0 ? 'invalid' : Math.min(value, DELTA_SECONDS_MAX)
}

/** The field names of a string, a token or an inner list of them; undefined for another type. */
function namesOf(item: Item): string[] | undefined {
  if (item.type === 'string') return splitList(item.value.toLowerCase())
  if (item.type === 'token') return [item.value.toLowerCase()]
  if (item.type !== 'innerList') return undefined
  const names: string[] = []
  for (const { type, value } of item.value) {
    if (type !== 'string' && type !== 'token') return undefined
    names.push(value.toLowerCase())
  }
  return names
}

/** True when the directive has a type that counts. */
function applyNaming(result: CacheControl, name: keyof typeof NAMING, item: Item): boolean {
  const [whole, list] = NAMING[name]
  const names = namesOf(item)
  const isWhole = item.type === 'boolean' && item.value
  if (names === undefined && !isWhole) return false
  // Names that nobody can read restrict everything, as in Cache-Control.
  if (names !== undefined && names.length > 0 && names.every(isToken)) result[list].push(...names)
  else result[whole] = true
  return true
}

/** True when the directive counts: known and of the type its value has (RFC 9213 2.1). Parameters are ignored. */
function apply(result: CacheControl, name: string, item: Item): boolean {
  if (has(NUMBERS, name)) {
    if (item.type !== 'integer') return false
    result[NUMBERS[name]] = secondsOf(item.value)
    return true
  }
  if (has(FLAGS, name)) {
    if (item.type !== 'boolean' || !item.value) return false
    result[FLAGS[name]] = true
    return true
  }
  return has(NAMING, name) && applyNaming(result, name, item)
}

/** The directives of a targeted field, or undefined when it cannot be parsed or nothing in it counts. */
function parseTargeted(value: string): CacheControl | undefined {
  const members = parseDictionary(value)
  if (members === undefined) return undefined
  const result = emptyCacheControl()
  let counts = false
  for (const [name, item] of members) counts = apply(result, name, item) || counts
  return counts ? result : undefined
}

/**
 * The directives of Surrogate-Control (Edge Architecture 1.0), or undefined when nothing in it counts: `max-age=60+30`,
 * whose second number is for how long it may be used stale, and `no-store`, also as no-store-remote: a CDN is remote.
 * `content` asks for a processing that we do not offer. A directive with a parameter is for one surrogate by its name,
 * and we have none.
 */
function parseSurrogate(value: string): CacheControl | undefined {
  const result = emptyCacheControl()
  for (const member of splitList(value)) {
    const [directive, ...target] = splitParameters(member)
    if (directive === undefined || target.length > 0) continue
    if (/^no-store(?:-remote)?$/i.test(directive)) result.noStore = true
    const numbers = /^max-age=(\d+)(?:\+(\d+))?$/i.exec(directive)
    if (numbers === null || result.maxAge !== undefined) continue
    result.maxAge = parseDeltaSeconds(numbers[1])
    if (numbers[2] !== undefined) result.staleWhileRevalidate = parseDeltaSeconds(numbers[2])
  }
  return result.noStore || result.maxAge !== undefined ? result : undefined
}

/**
 * The cache control that rules over a response. `targets` are lower-case field names in order of precedence: the first
 * that parses and says something that counts rules alone (RFC 9213 2.2); others are as if absent.
 */
export function effectiveCacheControl(input: {
  fields: Fields
  targets: readonly string[]
  surrogateControl: boolean
}): EffectiveCacheControl {
  const { fields, targets, surrogateControl } = input
  for (const source of targets) {
    const value = combinedValue(fields, source)
    const cacheControl = value === undefined ? undefined : parseTargeted(value)
    if (cacheControl !== undefined) return { cacheControl, source, expiresCounts: false }
  }
  const surrogate = surrogateControl ? combinedValue(fields, 'surrogate-control') : undefined
  const cacheControl = surrogate === undefined ? undefined : parseSurrogate(surrogate)
  if (cacheControl !== undefined) return { cacheControl, source: 'surrogate-control', expiresCounts: false }
  return {
    cacheControl: parseCacheControl(combinedValue(fields, 'cache-control')),
    source: 'cache-control',
    expiresCounts: true,
  }
}
