// Which request fields are what everybody sends. An origin that answers an error may have choked on one of the others,
// or on the length of one: such an error is not everybody's (cache-poisoned denial of service).
import type { Fields } from './fields.js'

const usual = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'cookie',
  'dnt',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'keep-alive',
  'origin',
  'pragma',
  'priority',
  'range',
  'referer',
  'save-data',
  'sec-gpc',
  'sec-purpose',
  'te',
  'traceparent',
  'tracestate',
  'upgrade-insecure-requests',
  'user-agent',
  'via',
  'x-requested-with',
])
/** What browsers say of themselves: client hints, and what kind of request it is. */
const usualFamilies = /^sec-(?:ch-|fetch-)/

/** Of one value; cookies may be longer. */
const valueBytesMax = 1_024
const cookieBytesMax = 4_096

/** `alsoUsual`: lower-case names that the site keys. */
export function isUsualRequest(fields: Fields, alsoUsual: readonly string[] = []): boolean {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i].toLowerCase()
    if (!usual.has(name) && !usualFamilies.test(name) && !alsoUsual.includes(name)) return false
    if (fields[i + 1].length > (name === 'cookie' ? cookieBytesMax : valueBytesMax)) return false
  }
  return true
}
