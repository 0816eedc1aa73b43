// The origins of one site: which one is asked next, and how many connections and waiting requests each may have.
// How a request travels is send.ts's; weights, health and failover policies come with the origin client.
import { Pool } from 'undici'
import type { SiteConfig } from '../../config/settings.js'

/** Bytes of an origin's response head; beyond it the answer is unusable (502). */
const headBytesMax = 65_536

/** One origin server and the pool of connections to it. */
export class Origin {
  readonly url: string
  readonly pool: Pool
  readonly #connectionsMax: number
  readonly #pendingMax: number
  /** Requests on their way or waiting for a connection. */
  active = 0

  constructor(url: string, site: SiteConfig) {
    this.url = url
    this.#connectionsMax = site.originConnectionsMax
    this.#pendingMax = site.originPendingMax
    this.pool = new Pool(url, {
      connections: site.originConnectionsMax,
      pipelining: 1,
      connect: { timeout: site.timeouts.connectMs },
      headersTimeout: site.timeouts.firstByteMs,
      bodyTimeout: site.timeouts.betweenBytesMs,
      maxHeaderSize: headBytesMax,
    })
  }

  hasRoom(): boolean {
    return this.active < this.#connectionsMax + this.#pendingMax
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

  /** Lets requests in progress finish, for `limitMs` at most when it is given, then closes the connections. */
  async close(limitMs?: number): Promise<void> {
    await Promise.all(this.list.map(({ pool }) => closePool(pool, limitMs)))
  }

  #advance(): Origin {
    const origin = this.list[this.#next % this.list.length]
    this.#next = (this.#next + 1) % this.list.length
    return origin
  }
}

async function closePool(pool: Pool, limitMs: number | undefined): Promise<void> {
  const closed = pool.close()
  const limit = limitMs === undefined ? undefined : setTimeout(() => void pool.destroy(), limitMs)
  await closed
  clearTimeout(limit)
}
