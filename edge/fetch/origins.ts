// The origins of one site: which one is asked next, what its answers say of its health, and how many second tries there
// may be. How a request travels is send.ts's, how they are balanced balance.ts's, what failing means origin-health.ts's.
import { performance } from 'node:perf_hooks'
import type { SiteConfig } from '../../config/settings.js'
import { statusSet } from '../http/status-set.js'
import { choose, hashOf } from './balance.js'
import { caText, Origin } from './origin.js'
import { goodState, hostNowMs, type OriginState } from './origin-health.js'
import { RetryBudget } from './retry-budget.js'

/** Told to whoever tells the other workers, once when this one finds it out. */
export type OnEjected = (origin: Origin, state: OriginState, reason: string) => void

export class Origins {
  readonly list: readonly Origin[]
  readonly budget: RetryBudget
  /** Whether another one is asked after an answer of this status. */
  readonly isRetried: (status: number) => boolean
  onEjected: OnEjected | undefined
  readonly #site: SiteConfig
  /** By what of the site's settings they were made: the same for the same. */
  readonly #settings: string
  readonly #primaries: readonly Origin[]
  readonly #backups: readonly Origin[]

  constructor(site: SiteConfig) {
    this.#site = site
    this.#settings = settingsOf(site)
    this.list = site.origins.map(origin => new Origin(origin, site))
    this.#primaries = this.list.filter(({ isBackup }) => !isBackup)
    this.#backups = this.list.filter(({ isBackup }) => isBackup)
    this.isRetried = statusSet(site.retries.statuses)
    this.budget = new RetryBudget(site.retries, performance.now())
  }

  /** Whether a site with these settings can go on with them, connections and all. */
  fit(site: SiteConfig): boolean {
    return settingsOf(site) === this.#settings
  }

  /**
   * One that is good, has room and is not in `tried`; a backup when there is no such; one that was tried when there is
   * nothing else. Undefined when none is good; one without room when none has any. `key` is hashed when that matters.
   */
  pick(key: string, tried: readonly Origin[]): Origin | undefined {
    const [only] = this.list
    // Nothing was ever said of it: what time it is does not matter.
    if (this.list.length === 1 && only!.health.state === goodState) return only
    const nowMs = hostNowMs()
    if (this.list.length === 1) return only!.health.isAvailable(nowMs) ? only : undefined
    const isGood = (origin: Origin) => origin.health.isAvailable(nowMs)
    const primaries = this.#primaries.filter(isGood)
    const good = primaries.length > 0 ? primaries : this.#backups.filter(isGood)
    if (good.length === 0) return undefined
    const untried = good.filter(origin => !tried.includes(origin))
    const others = untried.length > 0 ? untried : this.#untriedBackups(tried, isGood)
    const rest = others.length > 0 ? others : good
    const roomy = rest.filter(origin => origin.hasRoom())
    for (const origin of roomy) origin.share = origin.health.share(nowMs)
    return roomy.length === 0 ? rest[0] : choose(roomy, this.#site.balance, this.#hash(key))
  }

  /** An answer came that is no failure of the origin's. */
  succeeded(origin: Origin): void {
    origin.health.succeeded(hostNowMs())
  }

  /** It failed, as `reason` says in a word. The last good one is never ejected: a bad answer is better than none. */
  failed(origin: Origin, reason: string): void {
    origin.failures += 1
    const nowMs = hostNowMs()
    if (!origin.health.failed(nowMs) || !origin.health.isAvailable(nowMs)) return
    if (!this.list.some(other => other !== origin && other.health.isAvailable(nowMs))) return
    origin.health.state = origin.health.ejection(nowMs)
    this.onEjected?.(origin, origin.health.state, reason)
  }

  /** What another process has found out. */
  set(url: string, state: OriginState): void {
    const origin = this.list.find(each => each.url === url)
    if (origin !== undefined) origin.health.state = state
  }

  /** See `Origin.close`. */
  async close(limitMs?: number): Promise<void> {
    await Promise.all(this.list.map(origin => origin.close(limitMs)))
  }

  #untriedBackups(tried: readonly Origin[], isGood: (origin: Origin) => boolean): Origin[] {
    return this.#backups.filter(origin => isGood(origin) && !tried.includes(origin))
  }

  #hash(key: string): number {
    return this.#site.balance === 'consistentHash' ? hashOf(key) : 0
  }
}

/** What of a site its origins are made from: the rest may change without them. Throws when a file cannot be read. */
function settingsOf(site: SiteConfig): string {
  const { origins, balance, timeouts, originTls, dnsTtlMs, ejection, retries, cache } = site
  const { originConnectionsMax, originPendingMax } = site
  const { allowUnknownTransferCoding } = cache
  return JSON.stringify([
    origins,
    balance,
    timeouts,
    originTls,
    caText(site),
    dnsTtlMs,
    ejection,
    retries,
    originConnectionsMax,
    originPendingMax,
    allowUnknownTransferCoding,
  ])
}
