// The request target: refused, or brought to the one form that is both keyed and sent to the origin (RFC 3986 6.2.2).
// A target that is already in that form costs one scan and comes back as it is. Limits of length are accept/'s.

const PLAIN = 1
const QUESTION = 2
const PERCENT = 3
const SLASH = 4

/**
 * Visible, but refused: `#` would begin a fragment, which no target has (RFC 9112 3.2), and some origins read `\\` as
 * `/`, so that dot segments would lead them elsewhere. What else is in no URI (`|`, `{`, `"`...) browsers send raw.
 */
const REFUSED = '#\\'

/** What each code may be in a target: 0 (or undefined) refuses it (RFC 9112 3.2). */
const CLASSES = new Uint8Array(256)
for (let code = 0x21; code <= 0x7e; code++) CLASSES[code] = PLAIN
for (const character of REFUSED) CLASSES[character.charCodeAt(0)] = 0
CLASSES[0x25] = PERCENT
CLASSES[0x2f] = SLASH
CLASSES[0x3f] = QUESTION

const HEX_VALUES = new Int8Array(256).fill(-1)
for (let i = 0; i < 16; i++) {
  HEX_VALUES['0123456789ABCDEF'.charCodeAt(i)] = i
  HEX_VALUES['0123456789abcdef'.charCodeAt(i)] = i
}

/** 1 for ALPHA DIGIT - . _ ~ (RFC 3986 2.3). */
const UNRESERVED = new Uint8Array(256)
for (let code = 0; code < 256; code++) {
  if (/[A-Za-z0-9\-._~]/.test(String.fromCharCode(code))) UNRESERVED[code] = 1
}

/** The octet of the triple at `at` (which holds `%`), or -1. */
function octetAt(text: string, at: number): number {
  if (at + 2 >= text.length) return -1
  const high = HEX_VALUES[text.charCodeAt(at + 1)]
  const low = HEX_VALUES[text.charCodeAt(at + 2)]
  return high >= 0 && low >= 0 ? high * 16 + low : -1
}

/** True when the two hex digits after `at` are written in upper case (RFC 3986 6.2.2.1). */
function isUpperTriple(text: string, at: number): boolean {
  return text.charCodeAt(at + 1) < 0x61 && text.charCodeAt(at + 2) < 0x61
}

/** True when `.` or `..` begins at `at` and the path or the segment ends behind it. */
function isDotSegmentAt(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 0x2e) return false
  const after = text.charCodeAt(at + 1) === 0x2e ? at + 2 : at + 1
  if (after >= text.length) return true
  const code = text.charCodeAt(after)
  return code === 0x2f || code === 0x3f
}

/** The text with hex digits in upper case and unreserved characters decoded (RFC 3986 6.2.2.1 and 6.2.2.2). */
function normaliseTriples(text: string): string {
  let result = ''
  let start = 0
  for (let at = text.indexOf('%'); at !== -1; at = text.indexOf('%', at + 3)) {
    const octet = octetAt(text, at)
    result += text.slice(start, at)
    result += UNRESERVED[octet] === 1 ? String.fromCharCode(octet) : text.slice(at, at + 3).toUpperCase()
    start = at + 3
  }
  return result + text.slice(start)
}

/** RFC 3986 5.2.4 for a path that begins with `/`. Empty segments are segments. */
function removeDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.split('/')
  const last = segments.length - 1
  for (let i = 1; i <= last; i++) {
    const segment = segments[i]
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else {
      if (segment === '..') kept.pop()
      // A dot segment at the end leaves the slash before it.
      if (i === last) kept.push('')
    }
  }
  return `/${kept.join('/')}`
}

/** A query with a stray `%`, which pages do send, stays as it is: half of it cannot be normalised twice alike. */
function normaliseQuery(query: string): string {
  for (let at = query.indexOf('%'); at !== -1; at = query.indexOf('%', at + 3)) {
    if (octetAt(query, at) === -1) return query
  }
  return normaliseTriples(query)
}

function rewrite(raw: string, queryAt: number): string {
  if (queryAt === -1) return removeDotSegments(normaliseTriples(raw))
  const path = removeDotSegments(normaliseTriples(raw.slice(0, queryAt)))
  return `${path}?${normaliseQuery(raw.slice(queryAt + 1))}`
}

/** As the engine of regular expressions scans twice as fast as a loop, it looks first for anything but the usual. */
const UNUSUAL = /[^A-Za-z0-9\-._~!$&'()*+,;=:@[\]/?]|\/\./

/** The judgement on a target that has something unusual: refused, normal after all, or rewritten. */
function inspect(raw: string): string | undefined {
  let queryAt = -1
  let isNormal = true
  for (let i = 0; i < raw.length; i++) {
    const kind = CLASSES[raw.charCodeAt(i)]
    if (kind === PLAIN) continue
    if (kind === SLASH) {
      if (queryAt === -1 && isDotSegmentAt(raw, i + 1)) isNormal = false
    } else if (kind === PERCENT) {
      const octet = octetAt(raw, i)
      if (octet === -1 && queryAt === -1) return undefined
      if (UNRESERVED[octet] === 1 || !isUpperTriple(raw, i)) isNormal = false
      if (octet !== -1) i += 2
    } else if (kind !== QUESTION) return undefined
    else if (queryAt === -1) queryAt = i
  }
  return isNormal ? raw : rewrite(raw, queryAt)
}

/**
 * The normalised path and query of an origin-form target, or undefined when it is none. `%2F` stays and differs from
 * `/`; empty segments stay. Only RFC 3986 6.2.2 is applied, nothing scheme-based, so two targets that an origin may
 * tell apart are never united, and dot segments never reach key or origin.
 */
export function normaliseTarget(raw: string): string | undefined {
  if (raw.charCodeAt(0) !== 0x2f) return undefined
  return UNUSUAL.test(raw) ? inspect(raw) : raw
}
