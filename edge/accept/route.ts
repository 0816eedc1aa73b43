// Finds the site that answers for the request's host. Hosts seen before cost one look-up.
import { keyPrefix } from '../cache/identify.js'
import type { Exchange } from '../exchange.js'
import { authorityOf, normaliseHost } from '../http/host.js'
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

/** Of `http`, which is all that there is (RFC 9110 4.2.1). */
const defaultPort = 80

/** Routes by one set of sites; made anew with each set. */
export class Router {
  readonly sites: Sites
  readonly #remembered = new Map<string, Route>()

  constructor(sites: Sites) {
    this.sites = sites
  }

  /** Fills in `x.host`, `x.authority` and `x.site`; returns why the request is refused, or undefined. */
  route(x: Exchange): Refusal | undefined {
    let route = this.#remembered.get(x.hostField)
    if (route === undefined) {
      const host = normaliseHost(x.hostField)
      if (host === undefined) return refusals.host
      const site = this.sites.find(host)
      if (site === undefined) return refusals.unknownHost
      const authority = authorityOf(x.hostField, host, defaultPort)
      route = {
        host,
        authority,
        keyPrefix: keyPrefix(site.name, authority, site.config.cache.keyFields),
        site,
      }
      if (this.#remembered.size >= rememberedMax) this.#remembered.clear()
      this.#remembered.set(x.hostField, route)
    }
    x.host = route.host
    x.authority = route.authority
    x.keyPrefix = route.keyPrefix
    x.site = route.site
    return undefined
  }
}
