// Finds the site that answers for the request's host. Hosts seen before cost one look-up.
import { keyPrefix } from '../cache/identify.js'
import type { Exchange } from '../exchange.js'
import { authorityOf, defaultPorts, normaliseHost } from '../http/host.js'
import { type Refusal, refusals } from '../respond/refuse.js'
import type { Site, Sites } from './sites.js'

/** Host fields remembered with what came of them; a flood of names only empties it. */
const rememberedMax = 1_000

interface Route {
  host: string
  authority: string
  keyPrefix: string
  site: Site
}

/** Routes by one set of sites; made anew with each set. */
export class Router {
  readonly sites: Sites
  /** By Host. */
  readonly #plain = new Map<string, Route>()
  readonly #secure = new Map<string, Route>()

  constructor(sites: Sites) {
    this.sites = sites
  }

  /** Fills in `x.host`, `x.authority` and `x.site`; returns why the request is refused, or undefined. */
  route(x: Exchange): Refusal | undefined {
    const remembered = x.scheme === 'http' ? this.#plain : this.#secure
    let route = remembered.get(x.hostField)
    if (route === undefined) {
      const host = normaliseHost(x.hostField)
      if (host === undefined) return refusals.host
      const site = this.sites.find(host)
      if (site === undefined) return refusals.unknownHost
      const authority = authorityOf(x.hostField, host, defaultPorts[x.scheme])
      route = {
        host,
        authority,
        keyPrefix: keyPrefix(x.scheme, site.name, authority, site.config.cache.keyFields),
        site,
      }
      if (remembered.size >= rememberedMax) remembered.clear()
      remembered.set(x.hostField, route)
    }
    x.host = route.host
    x.authority = route.authority
    x.keyPrefix = route.keyPrefix
    x.site = route.site
    return route.site.config.overQuota ? refusals.overQuota : undefined
  }
}
