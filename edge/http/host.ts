// The value of Host as the name that sites are matched by (RFC 9110 7.2). How many Host lines there were is accept/'s.

/** What a client speaks through: of these two only the port of their own differs to us (RFC 9110 4.2). */
export type Scheme = 'http' | 'https'

/** RFC 9110 4.2.1 and 4.2.2. */
export const defaultPorts: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }

/** RFC 1035 2.3.4: no name is longer; the port and a trailing dot are counted in, which costs nobody anything. */
const HOST_BYTES_MAX = 255

const PLAIN = 1
const UPPER = 2
const DOT = 3
const COLON = 4

/** Codes of the names we accept: letters, digits, `-`, `_`, `.`. RFC 3986 allows more in a reg-name; DNS does not. */
const CLASSES = new Uint8Array(256)
for (let code = 0x61; code <= 0x7a; code++) CLASSES[code] = PLAIN
for (let code = 0x41; code <= 0x5a; code++) CLASSES[code] = UPPER
for (let code = 0x30; code <= 0x39; code++) CLASSES[code] = PLAIN
CLASSES[0x2d] = CLASSES[0x5f] = PLAIN
CLASSES[0x2e] = DOT
CLASSES[0x3a] = COLON

/** True for what may follow a name: nothing, or `:` and digits up to 65535 (none is lawful, RFC 3986 3.2.3). */
function isPortPart(raw: string, at: number): boolean {
  if (at === raw.length) return true
  if (raw.charCodeAt(at) !== 0x3a) return false
  let port = 0
  for (let i = at + 1; i < raw.length; i++) {
    const digit = raw.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return false
    port = port * 10 + digit
    if (port > 65535) return false
  }
  return true
}

/** True when `text` is four decimal octets without leading zeros (RFC 3986 3.2.2). */
function isDottedQuad(text: string): boolean {
  const octets = text.split('.')
  return (
    octets.length === 4 && octets.every(octet => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
  )
}

/** How many 16-bit groups `text` (the part on one side of `::`) writes, or -1. */
function countGroups(text: string, isLast: boolean): number {
  if (text === '') return 0
  const groups = text.split(':')
  let count = 0
  for (let i = 0; i < groups.length; i++) {
    if (/^[0-9a-f]{1,4}$/.test(groups[i])) count++
    else if (isLast && i === groups.length - 1 && isDottedQuad(groups[i])) count += 2
    else return -1
  }
  return count
}

/** True when `text` is an IPv6 address in lower case, without a zone (RFC 3986 3.2.2). */
function isIpv6(text: string): boolean {
  const sides = text.split('::')
  if (sides.length > 2) return false
  if (sides.length === 1) return countGroups(text, true) === 8
  const before = countGroups(sides[0], false)
  const after = countGroups(sides[1], true)
  return before >= 0 && after >= 0 && before + after <= 7
}

function normaliseLiteral(raw: string): string | undefined {
  const close = raw.indexOf(']')
  if (close === -1 || !isPortPart(raw, close + 1)) return undefined
  const address = raw.slice(1, close).toLowerCase()
  return isIpv6(address) ? `[${address}]` : undefined
}

/**
 * What is keyed and told to the origin of a Host that `normaliseHost` gave `host` for: the name, and the port unless it
 * is `defaultPort` (RFC 9110 4.2.3). An origin may build links of it, so a port that was not keyed would poison them.
 */
export function authorityOf(raw: string, host: string, defaultPort: number): string {
  const colon = raw.indexOf(':', raw.lastIndexOf(']') + 1)
  const port = colon === -1 ? '' : raw.slice(colon + 1)
  return port === '' || Number(port) === defaultPort ? host : `${host}:${Number(port)}`
}

/**
 * The host name in lower case without trailing dot and port, an IPv6 literal with its brackets, or undefined when
 * `raw` is empty or no host. A name that needs no change is returned as it is after one scan. IPv6 literals are
 * compared as written: nobody's site is named by one of several spellings.
 */
export function normaliseHost(raw: string): string | undefined {
  if (raw.length === 0 || raw.length > HOST_BYTES_MAX) return undefined
  if (raw.charCodeAt(0) === 0x5b) return normaliseLiteral(raw)
  let end = raw.length
  let isLower = true
  let previous = DOT
  for (let i = 0; i < raw.length; i++) {
    const kind = CLASSES[raw.charCodeAt(i)]
    if (kind === COLON) {
      if (!isPortPart(raw, i)) return undefined
      end = i
      break
    }
    // An empty label is nowhere lawful but behind the last dot.
    if (!kind || (kind === DOT && previous === DOT)) return undefined
    if (kind === UPPER) isLower = false
    previous = kind
  }
  if (end === 0) return undefined
  if (previous === DOT) end--
  const name = end === raw.length ? raw : raw.slice(0, end)
  return isLower ? name : name.toLowerCase()
}
