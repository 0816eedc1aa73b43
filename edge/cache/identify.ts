// The key of a request: what is the same for all who may share a stored response (http-rules.md C). Scheme, site and
// host are always part of it. Variants of one URL hang below its key.
import { createHash } from 'node:crypto'
import type { Site } from '../accept/sites.js'
import type { Exchange } from '../exchange.js'
import { selectingFields } from '../http/hop-by-hop.js'
import { queryPolicy } from '../http/query.js'
import { variantId } from '../http/vary.js'

/** Longer names of variants (Vary: Cookie) are replaced by their digest. */
const variantBytesMax = 256

/** The part of a key that all requests for one host of a site share; made once per host. */
export function keyPrefix(site: string, authority: string): string {
  // Neither a site name nor a host holds a space, so two different triples never make one key.
  return `http ${site} ${authority}`
}

/** The target as the site's query policy leaves it: what is keyed and what the origin is asked (http-rules.md 13). */
export function governedTarget(site: Site, target: string): string {
  const { query } = site.config.cache
  return query === 'asIs' ? target : queryPolicy(target, query)
}

/** `x.keyPrefix` and the normalised `x.target` are filled in. */
export function identify(x: Exchange): string {
  return x.keyPrefix + x.target
}

/** Names the variant that a request selects, among those that differ in `varyNames` (RFC 9111 4.1). */
export function variantOf(varyNames: readonly string[], x: Exchange): string {
  const variant = variantId(varyNames, selectingFields(x.fields))
  return variant.length <= variantBytesMax
    ? variant
    : createHash('sha256').update(variant).digest('base64url')
}

/** The key of a variant: no target holds a line feed. */
export function variantKey(key: string, variant: string): string {
  return `${key}\n${variant}`
}
