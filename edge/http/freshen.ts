// Updating a stored response from a 304 or the answer to a HEAD (RFC 9111 3.2, 4.3.4, 4.3.5). That the 304 belongs to
// the stored response, and the lifetime and storability of the result, are the caller's to settle with the merged fields.
import { allValues, type Fields } from './fields.js'
import { parseContentLength } from './framing.js'
import { endToEnd } from './hop-by-hop.js'

/**
 * They describe the stored bytes, which a 304 does not change: taking a new value would break them. Content-Type is
 * updated: RFC 9111 3.2 lets only those keep it who store something made from the body, and we store what we received.
 */
const KEPT = new Set(['content-length', 'content-encoding', 'content-range'])

/** They describe the message that has just come: without them in the 304 the time of receipt counts, not the old ones. */
const ALWAYS_REPLACED = ['age', 'date']

/**
 * The end-to-end fields of the stored response with every field replaced that the 304 brings: all its stored lines go,
 * all new lines are added behind the rest in the order received.
 */
export function freshen(stored: Fields, from304: Fields): string[] {
  const replaced = new Set(ALWAYS_REPLACED)
  const added: string[] = []
  const received = endToEnd(from304)
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i].toLowerCase()
    if (KEPT.has(name)) continue
    replaced.add(name)
    added.push(received[i], received[i + 1])
  }
  const merged: string[] = []
  for (let i = 0; i < stored.length; i += 2) {
    if (!replaced.has(stored[i].toLowerCase())) merged.push(stored[i], stored[i + 1])
  }
  return merged.concat(added)
}

/** What the stored response is recognised by; the texts are '' when it lacks them. */
export interface StoredIdentity {
  etag: string
  lastModified: string
  /** Bytes of the stored body. */
  contentLength: number
}

/** True when every line named `lowerCaseName` says `stored`; without one there is nothing that differs. */
function agrees(fields: Fields, lowerCaseName: string, stored: string): boolean {
  return allValues(fields, lowerCaseName).every(value => value === stored)
}

/**
 * What the answer to a HEAD means for a stored response that could have answered it (RFC 9111 4.3.5): with the same
 * validators and length, as far as it brings them, it updates the fields like a 304; with others the stored response is
 * stale from now on. A status other than 200 speaks of something else.
 */
export function headOutcome(input: {
  stored: StoredIdentity
  status: number
  fields: Fields
}): 'freshens' | 'invalidates' | 'nothing' {
  const { stored, status, fields } = input
  if (status !== 200) return 'nothing'
  const lengths = allValues(fields, 'content-length')
  const isSame =
    agrees(fields, 'etag', stored.etag) &&
    agrees(fields, 'last-modified', stored.lastModified) &&
    lengths.every(length => parseContentLength(length) === stored.contentLength)
  return isSame ? 'freshens' : 'invalidates'
}
