// References to URLs in a response (RFC 3986 4.1 and 5.2), as far as they lead to what we may hold: another target of
// the same origin. Everything else is undefined.
import { allValues, type Fields } from './fields.js'
import { normaliseHost } from './host.js'
import { normaliseTarget } from './target.js'

/** The request that a reference is relative to. */
export interface Base {
  /** Normalised path and query. */
  target: string
  /** As in the key: normalised, with the port unless it is the scheme's. */
  host: string
  /** `http` or `https`. */
  scheme: string
}

/** RFC 3986 appendix B: scheme, authority, path, query; the fragment is not for us. */
const REFERENCE = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#.*)?$/s

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** RFC 9110 4.2.3: without a port, and with an empty one, it is the scheme's. */
function portOf(authority: string, scheme: string): string {
  const digits = /:(\d+)$/.exec(authority)?.[1]
  return digits?.replace(/^0+(?=\d)/, '') ?? DEFAULT_PORTS[scheme]
}

function isSameAuthority(authority: string, base: Base): boolean {
  // RFC 9110 4.2.4: no userinfo in a URL of ours; normaliseHost refuses the `@` that it brings.
  const name = normaliseHost(authority)
  if (name === undefined || name !== normaliseHost(base.host)) return false
  return portOf(base.host, base.scheme) === portOf(authority, base.scheme)
}

/** RFC 3986 5.2.2 and 5.2.3 without the scheme and the authority; dot segments are normaliseTarget's. */
function resolvePath(path: string, query: string, baseTarget: string): string {
  const queryAt = baseTarget.indexOf('?')
  const basePath = queryAt === -1 ? baseTarget : baseTarget.slice(0, queryAt)
  if (path === '') return query === '' ? baseTarget : basePath + query
  if (path.startsWith('/')) return path + query
  return basePath.slice(0, basePath.lastIndexOf('/') + 1) + path + query
}

/** The normalised target that `reference` leads to, or undefined when it is another origin's or none. */
export function sameOriginTarget(reference: string, base: Base): string | undefined {
  const parts = REFERENCE.exec(reference)
  if (parts === null) return undefined
  const [, scheme, authority, path, query = ''] = parts
  // RFC 9111 4.4: never what belongs to another origin.
  if (scheme !== undefined && scheme.toLowerCase() !== base.scheme) return undefined
  // `http:path` has an authority in no URL of http.
  if (scheme !== undefined && authority === undefined) return undefined
  if (authority === undefined) return normaliseTarget(resolvePath(path, query, base.target))
  return isSameAuthority(authority, base) ? normaliseTarget((path === '' ? '/' : path) + query) : undefined
}

/** True when Content-Location, on exactly one line, names the target of the request itself (RFC 9110 8.7). */
export function isContentLocationTarget(fields: Fields, base: Base): boolean {
  const values = allValues(fields, 'content-location')
  return values.length === 1 && sameOriginTarget(values[0], base) === base.target
}
