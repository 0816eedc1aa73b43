// What a site says of its cache, prepared once for all answers that are weighed: its settings, its rules compiled, and
// the fields that its clients do not get.
import type { SiteCacheConfig, SiteOptimiseConfig } from '../../config/settings.js'
import { tagFieldNames } from '../http/tags.js'
import { type FormRules, formRules } from './form-rules.js'
import { compilePolicy, type Policy } from './policy.js'

export interface CacheRules {
  readonly cache: SiteCacheConfig
  readonly policy: Policy
  /** Lower-case names of fields that are kept with a response, but not sent on. */
  readonly hidden: ReadonlySet<string>
  /** Lower-case names of request fields that an origin does not get with GET and HEAD. */
  readonly dropped: ReadonlySet<string>
  /** The names of all of these begin with `x-`. */
  readonly dropsExtensionsOnly: boolean
  /** Absent: all is served as it came. */
  readonly forms?: FormRules | undefined
}

/** `alsoHidden`: what is ours to say. */
export function cacheRules(
  cache: SiteCacheConfig,
  alsoHidden: readonly string[] = [],
  optimise?: SiteOptimiseConfig,
): CacheRules {
  const hidden = new Set<string>(alsoHidden)
  if (!cache.keepTags) for (const name of tagFieldNames) hidden.add(name)
  if (cache.stripTargeted) for (const name of cache.targets) hidden.add(name)
  // It is meant for one surrogate only, which we then are.
  if (cache.surrogateControl) hidden.add('surrogate-control')
  const dropped = new Set(cache.dropFields.filter(name => !cache.keyFields.includes(name)))
  const forms = optimise && formRules(optimise)
  const dropsExtensionsOnly = [...dropped].every(name => name.startsWith('x-'))
  return { cache, policy: compilePolicy(cache), hidden, dropped, dropsExtensionsOnly, forms }
}
