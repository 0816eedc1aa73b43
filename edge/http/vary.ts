// Selecting among the stored variants of one URL (RFC 9111 4.1): which request fields count, and one string for their
// values. Where variants are kept is cache/'s.
import { allValues, combinedValue, type Fields } from './fields.js'
import { isToken, quality, splitList, splitParameters, trimSpace } from './tokens.js'

/** The codings that Accept-Encoding is reduced to. What else a client lists does not split the cache. */
export const REDUCED_CODINGS: readonly string[] = ['br', 'deflate', 'gzip', 'zstd']

/** Different Accept-Encoding values are few; this only bounds what a hostile client can make us remember. */
const REDUCTIONS_MAX = 256

/** Fields that are no lists: a comma in them is content, so their space is not ours to trim. */
const SINGLETONS = new Set(['authorization', 'cookie', 'user-agent', 'referer', 'origin', 'from', 'host'])

/**
 * The names that Vary lists on all its lines: lower-case, sorted, unique; `'*'` when any member is `*`. A member that
 * is no field name selects by something we cannot see, so it counts as `*` too.
 */
export function varyNames(fields: Fields): '*' | string[] {
  const names = new Set<string>()
  for (const value of allValues(fields, 'vary')) {
    // No quoted strings here: whatever a quote would hide, a `*` counts.
    for (const part of value.split(',')) {
      const name = trimSpace(part).toLowerCase()
      if (name === '') continue
      if (name === '*' || !isToken(name)) return '*'
      names.add(name)
    }
  }
  return [...names].sort()
}

const reductions = new Map<string, string>()

function reduceEncodings(value: string): string {
  const qualities = new Map<string, number>()
  for (const member of splitList(value.toLowerCase())) {
    const [coding, ...parameters] = splitParameters(member)
    // RFC 9110 8.4.1.3: x-gzip is gzip.
    if (coding !== undefined) qualities.set(coding === 'x-gzip' ? 'gzip' : coding, quality(parameters))
  }
  const others = qualities.get('*')
  const accepted = REDUCED_CODINGS.filter(coding => (qualities.get(coding) ?? others ?? 0) > 0)
  // RFC 9110 12.5.3: identity is acceptable unless it is excluded by name or by `*;q=0`.
  if ((qualities.get('identity') ?? others ?? 1) === 0) accepted.push('!identity')
  return accepted.join(',')
}

/** Remembered, because a varying hit asks for it each time and browsers send a handful of values. */
function reducedEncodings(value: string): string {
  const known = reductions.get(value)
  if (known !== undefined) return known
  if (reductions.size >= REDUCTIONS_MAX) reductions.clear()
  const reduced = reduceEncodings(value)
  reductions.set(value, reduced)
  return reduced
}

/**
 * The value of the request field `name` (lower-case) as it selects: '' when absent, else `=` and the value, its lines
 * joined and list space trimmed (RFC 9111 4.1). Two requests match in this field exactly when the strings are equal.
 */
export function selectingValue(name: string, requestFields: Fields): string {
  const value = combinedValue(requestFields, name)
  if (value === undefined) return ''
  if (name === 'accept-encoding') return `=${reducedEncodings(value)}`
  return SINGLETONS.has(name) ? `=${value}` : `=${splitList(value).join(',')}`
}

/**
 * One string for all selecting values, '' when nothing selects. For the same `names` it is equal exactly when all
 * values are, and names are part of it, so that ids of different Vary lists never meet.
 */
export function variantId(names: readonly string[], requestFields: Fields): string {
  let id = ''
  for (const name of names) {
    const value = selectingValue(name, requestFields)
    // The length makes it unambiguous whatever bytes the value has.
    id += `${name}:${value.length}${value};`
  }
  return id
}
