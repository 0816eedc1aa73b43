// A URL as people write it, brought to what a request for it would be keyed by. Purges know no
// more of its scheme than which port need not be written.
import { authorityOf, defaultPorts, normaliseHost, type Scheme } from '../http/host.js'
import { normaliseTarget } from '../http/target.js'

export interface PublicUrl {
  readonly scheme: Scheme
  readonly host: string
  readonly authority: string
  /** Path and query, normalised. */
  readonly target: string
}

/** Undefined for what is no absolute http or https URL, or one that no client may ask for. A fragment is dropped. */
export function readPublicUrl(text: string): PublicUrl | undefined {
  const [, written, hostField, path] = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(text) ?? []
  if (written === undefined) return undefined
  const host = normaliseHost(hostField)
  const bytes = asBytes(path.startsWith('/') ? path : `/${path}`)
  const target = bytes === undefined ? undefined : normaliseTarget(bytes)
  if (host === undefined || target === undefined) return undefined
  const scheme = written.toLowerCase() as Scheme
  return { scheme, host, authority: authorityOf(hostField, host, defaultPorts[scheme]), target }
}

/** What browsers make of characters that no URL has. */
function asBytes(path: string): string | undefined {
  try {
    return path.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
  } catch {
    // Half a character.
    return undefined
  }
}
