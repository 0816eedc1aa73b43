// How long an origin keeps a connection that is not used.
import type { Fields } from '../http/fields.js'

/** A second before the origin would close it, no request is sent any more. */
const idleMarginMs = 1_000

/** `Keep-Alive: timeout=5`: what many origins say, of RFC 2068 19.7.1.1; infinite when nothing is said. */
export function idleMaxMsOf(fields: Fields): number {
  for (let at = 0; at < fields.length; at += 2) {
    if (fields[at]!.length !== 10 || fields[at]!.toLowerCase() !== 'keep-alive') continue
    const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(fields[at + 1]!)?.[1]
    if (seconds !== undefined) return Number(seconds) * 1_000 - idleMarginMs
  }
  return Number.POSITIVE_INFINITY
}
