// One origin server: the connections to it, how many requests it may have, and what is known of its health.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { OriginConfig, SiteConfig, TimeoutsConfig } from '../../config/settings.js'
import { statusSet } from '../http/status-set.js'
import { type Candidate, hashOf } from './balance.js'
import type { ConnectionUser } from './connection-user.js'
import type { Endpoint } from './open-socket.js'
import { originSwapped } from './origin-error.js'
import { OriginHealth } from './origin-health.js'
import { Pool } from './pool.js'
import { Addresses } from './resolve.js'

export class Origin implements Candidate {
  readonly url: string
  /** Of its URL: what a request names as Host where the site says so. */
  readonly authority: string
  readonly isBackup: boolean
  readonly weight: number
  readonly hash: number
  readonly health: OriginHealth
  readonly pool: Pool
  readonly timeouts: TimeoutsConfig
  readonly allowUnknownTransferCoding: boolean
  /** Whether an answer of this status counts against it. */
  readonly isFailure: (status: number) => boolean
  /** Requests on their way or waiting for a connection. */
  active = 0
  share = 1
  turn = 0
  /** Since this worker started: tries, and those that failed. */
  requests = 0
  failures = 0
  /** Of the tries, those that were not the first of their request. */
  retries = 0
  readonly #requestsMax: number

  constructor({ url, weight, backup }: OriginConfig, site: SiteConfig) {
    const { timeouts, originConnectionsMax, originPendingMax } = site
    const parsed = new URL(url)
    this.url = url
    this.authority = parsed.host
    this.isBackup = backup
    this.weight = weight
    this.hash = hashOf(url)
    this.health = new OriginHealth(site.ejection)
    this.timeouts = timeouts
    this.isFailure = statusSet(site.ejection.statuses)
    this.allowUnknownTransferCoding = site.cache.allowUnknownTransferCoding
    this.#requestsMax = originConnectionsMax + originPendingMax
    this.pool = new Pool({
      endpoint: endpointOf(parsed, site),
      connectionsMax: originConnectionsMax,
      idleMs: timeouts.idleMs,
    })
  }

  get outstanding(): number {
    return this.active + this.pool.size.switched
  }

  hasRoom(): boolean {
    return this.active < this.#requestsMax
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

function endpointOf({ protocol, hostname, port }: URL, site: SiteConfig): Endpoint {
  const isTls = protocol === 'https:'
  // An IPv6 address bears brackets in a URL only.
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    isTls,
    host,
    port: Number(port) || (isTls ? 443 : 80),
    connectMs: site.timeouts.connectMs,
    // RFC 6066 3: an address is no name.
    tlsName: site.originTls.name ?? (isIP(host) === 0 ? host : undefined),
    ca: caText(site),
    addresses: isIP(host) === 0 ? new Addresses(host, site.dnsTtlMs) : undefined,
  }
}

/** The authorities that may sign for the origins; undefined for the well-known ones. Throws when they cannot be read. */
export function caText({ originTls: { caFile } }: SiteConfig): string | undefined {
  return caFile === undefined ? undefined : readFileSync(caFile, 'latin1')
}
