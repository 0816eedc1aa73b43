// Which fields go on to the next hop (RFC 9110 7.6.1), the same for requests and responses. What we add ourselves is
// forward.ts's and respond/'s.
import { type Fields, isNamed } from './fields.js'

/** Never forwarded and never stored. The three Proxy- fields are those of RFC 9111 3.1. */
export const HOP_BY_HOP_NAMES: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

const HOP_BY_HOP: ReadonlySet<string> = new Set(HOP_BY_HOP_NAMES)

/**
 * What Connection may not strip although it names it: fields that decide about identity, framing, caching and loops.
 * Whoever could strip them on the way would make the edge or the origin judge another message than was sent.
 */
const RELIED_ON = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'content-range',
  'content-location',
  'authorization',
  'cookie',
  'set-cookie',
  'forwarded',
  'via',
  'cdn-loop',
  'date',
  'age',
  'expires',
  'pragma',
  'cache-control',
  'cdn-cache-control',
  'surrogate-control',
  'vary',
  'etag',
  'last-modified',
  'location',
  'range',
])

function isReliedOn(lowerCaseName: string): boolean {
  if (RELIED_ON.has(lowerCaseName)) return true
  return lowerCaseName.startsWith('x-forwarded-') || lowerCaseName.startsWith('if-')
}

/** The names of all lines of Connection in lower case that it strips beyond the fixed ones, or undefined. */
export function strippedNames(fields: Fields): Set<string> | undefined {
  let names: Set<string> | undefined
  for (let i = 0; i < fields.length; i += 2) {
    if (!isNamed(fields[i], 'connection')) continue
    const value = fields[i + 1]
    // What nearly everybody says.
    if (value === 'keep-alive' || value === 'close') continue
    for (const option of value.split(',')) {
      const name = option.trim().toLowerCase()
      if (name === '' || name === 'close' || HOP_BY_HOP.has(name) || isReliedOn(name)) continue
      names ??= new Set()
      names.add(name)
    }
  }
  return names
}

function keep(fields: Fields, stripped: Set<string> | undefined, dropsLength: boolean): string[] {
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i].toLowerCase()
    if (HOP_BY_HOP.has(name) || stripped?.has(name)) continue
    if (dropsLength && name === 'content-length') continue
    kept.push(fields[i], fields[i + 1])
  }
  return kept
}

/** The end-to-end fields in their order, names and values untouched. */
export function endToEnd(fields: Fields): string[] {
  return keep(fields, strippedNames(fields), false)
}

/** As `endToEnd`, without Content-Length: whoever writes the response frames it. Date stays. */
export function responseEndToEnd(fields: Fields): string[] {
  return keep(fields, strippedNames(fields), true)
}

/**
 * The request fields to select a variant by: `fields` itself unless Connection strips some, then without those. The
 * origin never sees what is stripped, so a variant must not be found, or filed, by it.
 */
export function selectingFields(fields: Fields): Fields {
  const stripped = strippedNames(fields)
  return stripped === undefined ? fields : keep(fields, stripped, false)
}
