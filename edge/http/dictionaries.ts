// Compression Dictionary Transport (RFC 9842): which dictionary a client has, and what offers one.

import { acceptedCodings } from './content-codings.js'
import { combinedValue, type Fields, firstValue } from './fields.js'

/** A byte sequence of 32 bytes (RFC 9651 3.3.5). */
const hashForm = /^:([A-Za-z0-9+/]{43}=):$/

/** RFC 9842 2.2: the SHA-256 of the dictionary that the client has, in hex; undefined when it has none for this. */
export function availableDictionary(requestFields: Fields): string | undefined {
  const found = hashForm.exec(combinedValue(requestFields, 'available-dictionary')?.trim() ?? '')
  return found === null ? undefined : Buffer.from(found[1]!, 'base64').toString('hex')
}

/** Whether the client takes what zstd makes of a response and a dictionary (RFC 9842 5). */
export function takesDelta(acceptEncoding: string): boolean {
  return acceptedCodings(acceptEncoding).names('dcz') && acceptedCodings(acceptEncoding).quality('dcz') > 0
}

/** RFC 9842 2.1: the response is offered as a dictionary by its origin. */
export function isOffered(fields: Fields): boolean {
  return firstValue(fields, 'use-as-dictionary') !== undefined
}

/** Use-As-Dictionary for all later responses whose path is of this pattern. */
export function offerFor(pathPattern: string): string {
  return `match="${pathPattern}"`
}
