// Validators and conditional requests in both directions (RFC 9110 8.8 and 13, RFC 9111 4.3). Conditions hold for a
// stored 2xx asked for with GET or HEAD (RFC 9110 13.2.1); that it is one is the caller's to know.
import { parseDate } from './dates.js'
import { allValues, combinedValue, type Fields, isNamed } from './fields.js'
import { trimSpace } from './tokens.js'

export interface EntityTag {
  weak: boolean
  /** What is between the quotes. */
  opaque: string
}

export interface ConditionsInput {
  requestFields: Fields
  /** The stored validators as received, '' when absent. */
  etag: string
  lastModified: string
  /** Date of the stored response: what is compared when it has no Last-Modified (RFC 9111 4.3.2). */
  dateMs?: number | undefined
  now: number
}

/** Lower-case names of the conditions that ask for another answer than the response itself. */
export const CONDITIONS: readonly string[] = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]

/** One entity-tag and the separator behind it: no escapes, `W` in upper case only (RFC 9110 8.8.3). */
const ENTITY_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|$)/y
const SEPARATORS = /[ \t,]*/y

/** The tags of a list, `'*'`, or undefined when `value` is neither exactly. Empty members are skipped (RFC 9110 5.6.1.2). */
export function parseEntityTags(value: string): EntityTag[] | '*' | undefined {
  if (trimSpace(value) === '*') return '*'
  const tags: EntityTag[] = []
  let at = 0
  while (at < value.length) {
    SEPARATORS.lastIndex = at
    SEPARATORS.exec(value)
    at = SEPARATORS.lastIndex
    if (at === value.length) break
    ENTITY_TAG.lastIndex = at
    const match = ENTITY_TAG.exec(value)
    if (match === null) return undefined
    tags.push({ weak: match[1] !== undefined, opaque: match[2] })
    at = ENTITY_TAG.lastIndex
  }
  return tags.length > 0 ? tags : undefined
}

function parseOneTag(value: string): EntityTag | undefined {
  const tags = parseEntityTags(value)
  return Array.isArray(tags) && tags.length === 1 ? tags[0] : undefined
}

/** True when one of the tags matches the stored one: weakly, or only strong ones (RFC 9110 8.8.3.2). */
function matchesAny(value: string, etag: string, strongly: boolean): boolean {
  const stored = parseOneTag(etag)
  // What nearly everybody says: the very one that is stored.
  if (!strongly && value === etag && stored !== undefined) return true
  const tags = parseEntityTags(value)
  if (tags === '*') return true
  if (tags === undefined || stored === undefined) return false
  return tags.some(tag => tag.opaque === stored.opaque && !(strongly && (tag.weak || stored.weak)))
}

/** True when both are one entity-tag, the same, and neither weak (RFC 9110 8.8.3.2). */
export function isStrongMatch(one: string, other: string): boolean {
  const [first, second] = [parseOneTag(one), parseOneTag(other)]
  if (first === undefined || second === undefined) return false
  return !first.weak && !second.weak && first.opaque === second.opaque
}

/** The date of a condition that stands on exactly one line in a lawful form; else it is ignored (RFC 9110 13.1.3). */
function conditionDate(fields: Fields, lowerCaseName: string, now: number): number | undefined {
  const values = allValues(fields, lowerCaseName)
  return values.length === 1 ? parseDate(values[0], now) : undefined
}

/** True when the request carries any of `CONDITIONS`. If-Range is Range's matter. */
export function hasConditions(requestFields: Fields): boolean {
  for (let i = 0; i < requestFields.length; i += 2) {
    const name = requestFields[i]
    if (name.length < 8 || (name.charCodeAt(0) | 0x20) !== 0x69) continue
    if (CONDITIONS.some(condition => isNamed(name, condition))) return true
  }
  return false
}

/** True when 304 is the answer to a GET or HEAD for the stored response (RFC 9110 13.2.2 steps 3 and 4). */
export function isNotModified(input: ConditionsInput): boolean {
  const { requestFields, now } = input
  const noneMatch = combinedValue(requestFields, 'if-none-match')
  // RFC 9110 13.1.3: If-Modified-Since is ignored beside If-None-Match, be it never so malformed.
  if (noneMatch !== undefined) return matchesAny(noneMatch, input.etag, false)
  const since = conditionDate(requestFields, 'if-modified-since', now)
  if (since === undefined) return false
  const modified = input.lastModified === '' ? input.dateMs : parseDate(input.lastModified, now)
  return modified !== undefined && modified <= since
}

/** True when 412 is the answer for the stored response (RFC 9110 13.2.2 steps 1 and 2); it goes before `isNotModified`. */
export function preconditionFailed(input: ConditionsInput): boolean {
  const { requestFields, now } = input
  const match = combinedValue(requestFields, 'if-match')
  if (match !== undefined) return !matchesAny(match, input.etag, true)
  const since = conditionDate(requestFields, 'if-unmodified-since', now)
  const modified = parseDate(input.lastModified, now)
  // RFC 9110 13.1.4: ignored when there is no modification date to compare.
  return since !== undefined && modified !== undefined && modified > since
}

/**
 * The fields that ask the origin whether the stored response still holds (RFC 9111 4.3.1), empty when it has no
 * validator. Only the better one is sent: beside If-None-Match an origin must ignore If-Modified-Since anyway.
 */
export function originConditions(validators: { etag: string; lastModified: string }): string[] {
  if (validators.etag !== '') return ['If-None-Match', validators.etag]
  if (validators.lastModified !== '') return ['If-Modified-Since', validators.lastModified]
  return []
}
