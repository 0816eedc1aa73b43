// The key of a request: what is the same for all who may share a stored response (http-rules.md C). Scheme, site and
// host are always part of it. Variants of one URL hang below its key.
import { createHash } from 'node:crypto'
import type { Site } from '../accept/sites.js'
import type { Exchange } from '../exchange.js'
import { combinedValue } from '../http/fields.js'
import { selectingFields } from '../http/hop-by-hop.js'
import type { Scheme } from '../http/host.js'
import { queryPolicy } from '../http/query.js'
import { variantId } from '../http/vary.js'

const beyondBytes = /[^\x00-\xff]/

/** Longer names of variants (Vary: Cookie) are replaced by their digest. */
const variantBytesMax = 256

/**
 * The part of a key that all requests for one host of a site share; made once per host. `keyFields`: names that join the
 * key by setting, so that what was stored before they did is not found after. Their values are no part of it: they
 * select like a Vary that every response has (`variantOf`), and whoever knows the URL reaches all that is stored of it.
 */
export function keyPrefix(
  scheme: Scheme,
  site: string,
  authority: string,
  keyFields: readonly string[] = [],
): string {
  // None of these holds a space, nor a name a slash, with which the target begins: no two of them make one key.
  const fields = keyFields.length === 0 ? '' : ` ${[...keyFields].sort().join()}`
  return `${scheme} ${site} ${authority}${fields}`
}

/** What a purge calls a key, or the beginning of one: nobody who purges a URL means it under one scheme alone. */
export function purgeName(key: string): string {
  return key.startsWith('https ') ? `http${key.slice(5)}` : key
}

/** All that a purge calls so, or that begins so. */
export function keysOfPurgeName(name: string): readonly [plain: string, secure: string] {
  return [name, `https${name.slice(4)}`]
}

/** The target as the site's query policy leaves it: what is keyed and what the origin is asked (http-rules.md 13). */
export function governedTarget(site: Pick<Site, 'config'>, target: string): string {
  const { query } = site.config.cache
  return query === 'asIs' ? target : queryPolicy(target, query)
}

/** `x.keyPrefix` and the normalised `x.target` are filled in. */
export function identify(x: Exchange): string {
  const { known, keyPrefix, target } = x
  // The site's query policy, or an image's form, may have made another of it.
  if (known === undefined || known.normalised !== target) return keyPrefix + target
  if (known.keyPrefix !== keyPrefix) {
    known.keyPrefix = keyPrefix
    known.key = keyPrefix + target
  }
  return known.key
}

/**
 * Names the variant that a request selects among those that differ in `varyNames` and in the site's key fields
 * (RFC 9111 4.1); '' when nothing selects.
 */
export function variantOf(varyNames: readonly string[], x: Exchange): string {
  const names = selectingNames(varyNames, x.site)
  return names.length === 0 ? '' : nameOf(names, x)
}

/** As `variantOf`, without Accept-Language: undefined when that does not select. */
export function languageRest(varyNames: readonly string[], x: Exchange): string | undefined {
  const names = selectingNames(varyNames, x.site)
  if (!names.includes('accept-language')) return undefined
  return nameOf(
    names.filter(name => name !== 'accept-language'),
    x,
  )
}

/** Accept-Language as it selects, '' when absent. */
export function languagesAsked(x: Exchange): string {
  return combinedValue(selectingFields(x.fields), 'accept-language') ?? ''
}

/** The key of a variant: no target holds a line feed. `generation`: of the list that leads to it. */
export function variantKey(key: string, generation: string, variant: string): string {
  return `${key}\n${generation}\n${variant}`
}

function selectingNames(varyNames: readonly string[], site: Site | undefined): readonly string[] {
  const keyFields = site?.config.cache.keyFields
  if (keyFields === undefined || keyFields.length === 0) return varyNames
  return [...new Set([...keyFields, ...varyNames])].sort()
}

function nameOf(names: readonly string[], x: Exchange): string {
  const variant = variantId(names, selectingFields(x.fields))
  // Records hold byte strings: other characters would become those of another variant.
  return variant.length <= variantBytesMax && !beyondBytes.test(variant)
    ? variant
    : createHash('sha256').update(variant).digest('base64url')
}
