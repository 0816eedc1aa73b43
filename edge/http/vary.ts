// Selecting among the stored variants of one URL (RFC 9111 4.1): which request fields count, and one string for their
// values. Where variants are kept is cache/'s.
import { reduceAccept } from './accept.js'
import { allValues, combinedValue, type Fields } from './fields.js'
import { reduceLanguages } from './languages.js'
import { remembering } from './remember.js'
import { isToken, quality, splitList, splitParameters, trimSpace } from './tokens.js'

/** The codings that Accept-Encoding is reduced to. What else a client lists does not split the cache. */
export const REDUCED_CODINGS: readonly string[] = ['br', 'deflate', 'gzip', 'zstd']

/** Fields that are no lists: a comma in them is content, so their space is not ours to trim. */
const SINGLETONS = new Set(['authorization', 'cookie', 'user-agent', 'referer', 'origin', 'from', 'host'])

/**
 * More names, or longer ones, are nobody's honest choice: every look-up would read all of those fields, and what differs
 * in so many ways is never asked for twice. A response that says so is as good as one that says `*`.
 */
const NAMES_MAX = 32
const VARY_BYTES_MAX = 4096

/**
 * The names that Vary lists on all its lines: lower-case, sorted, unique; `'*'` when any member is `*`. A member that
 * is no field name selects by something we cannot see, so it counts as `*` too, and so does X-Forwarded-For: what the
 * origin got is the client's address, which is not in the request, and one client's answer is not another's. Host is
 * left out: it is in every key, in one form, and what else clients write for the same host would only split the cache.
 */
export function varyNames(fields: Fields): '*' | string[] {
  const names = new Set<string>()
  let bytes = 0
  for (const value of allValues(fields, 'vary')) {
    bytes += value.length
    if (bytes > VARY_BYTES_MAX) return '*'
    // No quoted strings here: whatever a quote would hide, a `*` counts.
    for (const part of value.split(',')) {
      const name = trimSpace(part).toLowerCase()
      if (name === '') continue
      if (name === '*' || !isToken(name) || name === 'x-forwarded-for') return '*'
      if (name !== 'host') names.add(name)
    }
  }
  return names.size > NAMES_MAX ? '*' : [...names].sort()
}

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

const reducedEncodings = remembering(reduceEncodings)
const reducedLanguages = remembering(reduceLanguages)
const reducedTypes = remembering(reduceAccept)

/**
 * The value of the request field `name` (lower-case) as it selects: '' when absent, else `=` and the value, its lines
 * joined and list space trimmed, and preferences in their one form (RFC 9111 4.1). Two requests match in this field
 * exactly when the strings are equal.
 */
export function selectingValue(name: string, requestFields: Fields): string {
  const value = combinedValue(requestFields, name)
  if (value === undefined) return ''
  if (name === 'accept-encoding') return `=${reducedEncodings(value)}`
  if (name === 'accept-language') return `=${reducedLanguages(value)}`
  if (name === 'accept') return `=${reducedTypes(value)}`
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
