// Content codings: which of those on offer a request takes best (RFC 9110 12.5.3), and what a response is already in.
import { allValues, combinedValue, type Fields } from './fields.js'
import { quality, splitList, splitParameters } from './tokens.js'

/** `identity`: none. */
export type Coding = 'br' | 'zstd' | 'gzip'

/** What a request makes of each coding: from 0, never, to 1. */
export interface AcceptedCodings {
  /** Of a coding in lower case. */
  quality(coding: string): number
  /** Whether it is spoken of by name. */
  names(coding: string): boolean
}

/** RFC 9110 12.5.3; without the field nothing is known of the client, and it gets no coding that it did not ask for. */
export function acceptedCodings(value: string | undefined): AcceptedCodings {
  const qualities = new Map<string, number>()
  for (const member of splitList((value ?? '').toLowerCase())) {
    const [coding, ...parameters] = splitParameters(member)
    // RFC 9110 8.4.1.3: x-gzip is gzip.
    if (coding !== undefined) qualities.set(coding === 'x-gzip' ? 'gzip' : coding, quality(parameters))
  }
  const others = qualities.get('*')
  return {
    quality: coding => qualities.get(coding) ?? others ?? (coding === 'identity' ? 1 : 0),
    names: coding => qualities.has(coding),
  }
}

/**
 * The coding of `offered` that the request takes best, of equals the first; `identity` when it takes none, or said that
 * it wants that more.
 */
export function chooseCoding(value: string | undefined, offered: readonly Coding[]): Coding | 'identity' {
  if (value === undefined) return 'identity'
  const accepted = acceptedCodings(value)
  let best: Coding | 'identity' = 'identity'
  let bestQuality = 0
  for (const coding of offered) {
    const ofCoding = accepted.quality(coding)
    if (ofCoding <= bestQuality) continue
    best = coding
    bestQuality = ofCoding
  }
  // What is not named is taken, but not for its own sake.
  return accepted.names('identity') && accepted.quality('identity') > bestQuality ? 'identity' : best
}

/** Whether the client takes what is in this coding; a coding of several, written as a list, is taken when all are. */
export function takesCoding(value: string | undefined, contentEncoding: string): boolean {
  const accepted = acceptedCodings(value)
  return splitList(contentEncoding.toLowerCase()).every(coding => accepted.quality(normalised(coding)) > 0)
}

const none: readonly string[] = []

/** The codings a response is in, in the order in which they were applied (RFC 9110 8.4), lower case; empty: none. */
export function contentCodings(fields: Fields): readonly string[] {
  const value = combinedValue(fields, 'content-encoding')
  if (value === undefined) return none
  return splitList(value.toLowerCase())
    .map(normalised)
    .filter(coding => coding !== 'identity' && coding !== '')
}

function normalised(coding: string): string {
  return coding === 'x-gzip' ? 'gzip' : coding
}

/** The entity-tag of a response in another coding: a strong one becomes one of its own (RFC 9110 8.8.3.3), a weak one is true of all. */
export function codedTag(etag: string, form: string): string {
  return /^"[^"]*"$/.test(etag) ? `${etag.slice(0, -1)}-${form}"` : etag
}

/** What clients are told of a response that others get in another coding (RFC 9110 12.5.5). */
export function varyingByEncoding(fields: Fields): Fields {
  return varyingBy(fields, ['Accept-Encoding'])
}

/** `fields`, with those of these names in Vary that it does not name already. */
export function varyingBy(fields: Fields, names: readonly string[]): Fields {
  const named = allValues(fields, 'vary').flatMap(value => splitList(value.toLowerCase()))
  const missing = named.includes('*') ? [] : names.filter(name => !named.includes(name.toLowerCase()))
  return missing.length === 0 ? fields : [...fields, 'Vary', missing.join(', ')]
}
