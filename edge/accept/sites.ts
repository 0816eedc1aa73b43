// The sites in force: built whole from a config, swapped whole, never changed. Finds the site of a host: exact name,
// then the longest wildcard, then the default site.
import { hash } from 'node:crypto'
import type { SiteConfig } from '../../config/settings.js'
import { type CacheRules, cacheRules } from '../cache/rules.js'
import { Origins } from '../fetch/origins.js'

export interface Site {
  readonly config: SiteConfig
  readonly name: string
  /** The same in all workers for the same settings, and no other: requests under two of them do not meet. */
  readonly revision: string
  readonly origins: Origins
  readonly rules: CacheRules
}

export interface Sites {
  readonly list: readonly Site[]
  find(host: string): Site | undefined
  /** Lets what is in progress finish, for `limitMs` at most when it is given, then closes all connections to the origins. */
  close(limitMs?: number): Promise<void>
}

/** Throws when an origin client cannot be made; nothing is in use then. */
export function buildSites(configs: readonly SiteConfig[]): Sites {
  const list = configs.map(config => ({
    config,
    name: config.name,
    revision: hash('sha256', JSON.stringify(config), 'base64url'),
    origins: new Origins(config),
    rules: cacheRules(config.cache),
  }))
  const exact = new Map<string, Site>()
  const wildcards = new Map<string, Site>()
  let fallback: Site | undefined
  for (const site of list) {
    for (const host of site.config.hosts) {
      if (host === '*') fallback = site
      else if (host.startsWith('*.')) wildcards.set(host.slice(2), site)
      else exact.set(host, site)
    }
  }
  return {
    list,
    find: host => exact.get(host) ?? findWildcard(wildcards, host) ?? fallback,
    close: async limitMs => void (await Promise.all(list.map(site => site.origins.close(limitMs)))),
  }
}

/** `*.example.org` stands for every name below it, however deep; the longest suffix wins. */
function findWildcard(wildcards: ReadonlyMap<string, Site>, host: string): Site | undefined {
  if (wildcards.size === 0) return undefined
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const site = wildcards.get(host.slice(dot + 1))
    if (site !== undefined) return site
  }
  return undefined
}
