// Where a request's body ends (RFC 9112 6), or that nobody can know. Values and counts are collected by the caller in
// its one pass over the fields, so that a request without a body costs two comparisons.

export type FramingRefusal = 'content-length' | 'content-length-repeated' | 'transfer-encoding' | 'both'
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; length: number }
  | { kind: 'chunked' }
  | { kind: 'ambiguous'; reason: FramingRefusal }

const NONE: Framing = Object.freeze({ kind: 'none' })
const CHUNKED: Framing = Object.freeze({ kind: 'chunked' })

function ambiguous(reason: FramingRefusal): Framing {
  return { kind: 'ambiguous', reason }
}

/** The number that `text` is in plain decimal digits, or undefined: no sign, no space, no list, nothing inexact. */
export function parseContentLength(text: string): number | undefined {
  if (text.length === 0 || text.length > 19) return undefined
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    length = length * 10 + digit
  }
  return Number.isSafeInteger(length) ? length : undefined
}

/**
 * `contentLengths` and `transferEncodings` count the lines, the values are those of one of them. Two Content-Length
 * lines are refused even when they agree: RFC 9112 6.3 permits it, and nobody honest needs more than one.
 * Anything ambiguous is answered 400 and the connection closed; nothing of it reaches the origin.
 */
export function framing(
  contentLengths: number,
  contentLength: string | undefined,
  transferEncodings: number,
  transferEncoding: string | undefined,
): Framing {
  if (contentLengths === 0 && transferEncodings === 0) return NONE
  // RFC 9112 6.1: both together is an attempt at smuggling until proven otherwise.
  if (contentLengths > 0 && transferEncodings > 0) return ambiguous('both')
  if (contentLengths > 1) return ambiguous('content-length-repeated')
  if (transferEncodings > 0) {
    const isChunked = transferEncodings === 1 && transferEncoding?.toLowerCase() === 'chunked'
    return isChunked ? CHUNKED : ambiguous('transfer-encoding')
  }
  const length = parseContentLength(contentLength ?? '')
  return length === undefined ? ambiguous('content-length') : { kind: 'length', length }
}
