// The forms a text setting may have: what each is called, what is expected, and the pure test for it.
// Rules between settings (duplicates, sums) are in relations.ts.
import { isIP, isIPv6 } from 'node:net'

export interface Form {
  /** "an origin": completes `"..." is not `. */
  readonly noun: string
  /** Completes `expected `. */
  readonly expected: string
  readonly holds: (text: string) => boolean
}

/** Paths are limited as the kernel limits them (PATH_MAX, 4096 with the final zero byte). */
const pathBytesMax = 4095

/** An sf-token that is also an HTTP token: Cache-Status (RFC 9211 2), Via and CDN-Loop (RFC 8586 2) all take it. */
const cacheName = /^[A-Za-z][!#$%&'*+.^_`|~0-9A-Za-z-]{0,63}$/
/** A token (RFC 9110 5.6.2) in the case that names are compared in. */
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/
/**
 * Fields that may not be in a key: who asks has a URL of its own in it (Host), is nobody that a shared response may
 * depend on (Authorization, RFC 9111 3.5; a session in Cookie is the operator's to name), or says only how this one
 * message is sent, what is asked of caches, or which part is wanted; and what the edge writes anew for the origin.
 */
const neverKeyed = new Set([
  'host',
  'authorization',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-connection',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'cache-control',
  'pragma',
  'range',
  'via',
  'cdn-loop',
  'forwarded',
])
const neverKeyedFamily = /^(?:if-|x-forwarded-)/
/** Visible ASCII as in a normalised target; beginning as a path does, or anywhere. */
const pathPattern = /^[/*][!"$->@-~]{0,255}$/
/** Both halves of RFC 9110 8.3.1, or `*` for all that say a type. */
const typePattern = /^(?:\*|[!#$&^_.+*0-9a-z-]{1,127}\/[!#$&^_.+*0-9a-z-]{1,127})$/
const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const dnsName = new RegExp(`^${label}(?:\\.${label})*$`)
/** A beginning of a normalised path: no query, no slash at its end. */
const originPath = /^(?:\/[!$&-.0-;=@-Z_a-z~]{1,255}){1,16}$/
const checkPath = /^\/[!-~]{0,1023}$/
/** Nothing but scheme and authority: a path, query or user would be lost silently. */
const originUrl = /^https?:\/\/[^\s/\\?#@]+\/?$/i

/** The token would be read on the way to another machine. */
function isControlUrl(text: string): boolean {
  if (text.startsWith('unix:')) return isPath(text.slice(5))
  if (!originUrl.test(text) || !URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

export const forms = {
  address: {
    noun: 'an IP address',
    expected: 'an IPv4 or IPv6 address without brackets, such as "127.0.0.1" or "::1"',
    holds: text => isIP(text) !== 0,
  },
  cacheName: {
    noun: 'a name for headers',
    expected: 'a token of at most 64 characters that begins with a letter, such as "naij"',
    holds: text => cacheName.test(text),
  },
  controlUrl: {
    noun: 'an address of control',
    expected:
      '"unix:" and the path of a socket, an https:// URL without path, or an http:// one of this machine',
    holds: isControlUrl,
  },
  edgeName: {
    noun: 'a name of an edge',
    expected: '1 to 255 characters of a-z A-Z 0-9 . _ -',
    holds: text => /^[A-Za-z0-9._-]{1,255}$/.test(text),
  },
  fieldName: {
    noun: 'a field name',
    expected: 'a lower-case field name of at most 64 characters, such as "x-original-url"',
    holds: text => fieldName.test(text),
  },
  host: {
    noun: 'a host',
    expected: 'a lower-case name without port such as "shop.example", a wildcard "*.shop.example", or "*"',
    holds: text =>
      text === '*' || isHostName(text.startsWith('*.') ? text.slice(2) : text, !text.startsWith('*.')),
  },
  hostAndPort: {
    noun: 'a host',
    expected: 'a lower-case name with or without port, such as "shop.example" or "shop.example:8080"',
    holds: isHostAndPort,
  },
  keyField: {
    noun: 'a field for the key',
    expected:
      'a lower-case field name of at most 64 characters, such as "x-country", that says what is asked for: ' +
      'not host, authorization, range, cache-control, conditions, forwarding or one of this connection only',
    holds: text => fieldName.test(text) && !neverKeyed.has(text) && !neverKeyedFamily.test(text),
  },
  network: {
    noun: 'an address or a network',
    expected:
      'an IPv4 or IPv6 address, alone or with the bits of its network, such as "10.0.0.5" or "10.0.0.0/8"',
    holds: isNetwork,
  },
  origin: {
    noun: 'an origin',
    expected: 'an http:// or https:// URL without path',
    holds: isOrigin,
  },
  checkPath: {
    noun: 'a path to check',
    expected: 'a path in ASCII, with or without query, such as "/healthz"',
    holds: text => checkPath.test(text) && !text.includes('#'),
  },
  originPath: {
    noun: 'a path for origins',
    expected: 'a path in ASCII without query, escapes, dots alone and a slash at its end, such as "/shop"',
    holds: text => originPath.test(text) && !/\/\.{1,2}(?:\/|$)/.test(text),
  },
  tlsHost: {
    noun: 'a name of a certificate',
    expected: 'a lower-case name without port such as "shop.example", or a wildcard "*.shop.example"',
    holds: text => isHostName(text.startsWith('*.') ? text.slice(2) : text, false),
  },
  tlsName: {
    noun: 'a name',
    expected: 'a lower-case name without port, such as "shop.example"',
    holds: text => isHostName(text, false),
  },
  path: {
    noun: 'a path',
    expected: `1 to ${pathBytesMax} bytes without a zero byte`,
    holds: isPath,
  },
  pathPattern: {
    noun: 'a path pattern',
    expected: 'a path in ASCII without query, `*` for any characters, such as "/assets/*" or "*.js"',
    holds: text => pathPattern.test(text),
  },
  presetName: {
    noun: 'a name of a preset',
    expected: '1 to 64 characters of a-z A-Z 0-9 _ -',
    holds: text => /^[\w-]{1,64}$/.test(text),
  },
  siteName: {
    noun: 'a site name',
    expected: '1 to 255 characters of a-z 0-9 * . _ -',
    holds: text => /^[a-z0-9*._-]{1,255}$/.test(text),
  },
  targetField: {
    noun: 'a targeted field',
    expected: 'a lower-case field name that ends in "-cache-control", such as "cdn-cache-control"',
    holds: text => fieldName.test(text) && /.-cache-control$/.test(text),
  },
  typePattern: {
    noun: 'a content type pattern',
    expected:
      'a lower-case content type without parameters, `*` for any characters, such as "image/*" or "text/html"',
    holds: text => typePattern.test(text),
  },
} as const satisfies Record<string, Form>

export type FormName = keyof typeof forms

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}

function isHostName(name: string, mayBeAddress: boolean): boolean {
  if (name.startsWith('[')) return mayBeAddress && isBracketedAddress(name)
  return name.length <= 253 && dnsName.test(name)
}

function isBracketedAddress(text: string): boolean {
  const address = text.slice(1, -1)
  // No zone (RFC 3986 3.2.2 has none in a host), and lower case as hosts are compared.
  return text.endsWith(']') && isIPv6(address) && !address.includes('%') && address === address.toLowerCase()
}

function isHostAndPort(text: string): boolean {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === undefined || !isHostName(host, true)) return false
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535)
}

function isOrigin(text: string): boolean {
  if (text.length > 2048 || !originUrl.test(text) || !URL.canParse(text)) return false
  const url = new URL(text)
  return isHostName(url.hostname.replace(/\.$/, ''), true) && url.port !== '0'
}

function isPath(text: string): boolean {
  return text !== '' && !text.includes('\0') && Buffer.byteLength(text) <= pathBytesMax
}
