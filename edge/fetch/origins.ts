// The origins of one site: which one is asked next, and how many connections and waiting requests each may have.
// How a request travels is send.ts's; weights, health and failover policies come later.
import type { SiteConfig, TimeoutsConfig } from '../../config/settings.js'
import type { ConnectionUser, Endpoint } from './connection.js'
import { originSwapped } from './origin-error.js'
import { Pool } from './pool.js'

/** One origin server and the connections to it. */
export class Origin {
  readonly url: string
  readonly pool: Pool
  readonly timeouts: TimeoutsConfig
  readonly #connectionsMax: number
  readonly #pendingMax: number
  /** Requests on their way or waiting for a connection. */
  active = 0

  constructor(url: string, site: SiteConfig) {
    this.url = url
    this.timeouts = site.timeouts
    this.#connectionsMax = site.originConnectionsMax
    this.#pendingMax = site.originPendingMax
    this.pool = new Pool({
      endpoint: endpointOf(new URL(url), site.timeouts.connectMs),
      connectionsMax: site.originConnectionsMax,
      idleMs: site.timeouts.idleMs,
    })
  }

  hasRoom(): boolean {
    return this.active < this.#connectionsMax + this.#pendingMax
  }

  /** Lets requests in progress finish, for `limitMs` at most when it is given, then closes the connections. */
  async close(limitMs?: number): Promise<void> {
    const closed = this.pool.close()
    const limit = limitMs === undefined ? undefined : setTimeout(() => this.destroy(), limitMs)
    await closed
    clearTimeout(limit)
  }

  /** Cuts what is in progress. */
  destroy(): void {
    const cut = (user: ConnectionUser) => user.onFailure(originSwapped(this.url), 'exchange')
    this.pool.destroy(cut)
  }
}

export class Origins {
  readonly list: readonly Origin[]
  #next = 0

  constructor(site: SiteConfig) {
    this.list = site.origins.map(origin => new Origin(origin.url, site))
  }

  /** Round robin; `except` is passed over when there is another one. */
  pick(except: Origin | undefined): Origin {
    const origin = this.#advance()
    return origin === except && this.list.length > 1 ? this.#advance() : origin
  }

  /** See `Origin.close`. */
  async close(limitMs?: number): Promise<void> {
    await Promise.all(this.list.map(origin => origin.close(limitMs)))
  }

  #advance(): Origin {
    const origin = this.list[this.#next % this.list.length]
    this.#next = (this.#next + 1) % this.list.length
    return origin
  }
}

function endpointOf({ protocol, hostname, port }: URL, connectMs: number): Endpoint {
  const isTls = protocol === 'https:'
  // An IPv6 address bears brackets in a URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { isTls, host, port: Number(port) || (isTls ? 443 : 80), connectMs }
}
