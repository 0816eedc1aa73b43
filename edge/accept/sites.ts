// The sites in force: built whole from a config, swapped whole, never changed. Finds the site of a host: exact name,
// then the longest wildcard, then the default site.
import { hash } from 'node:crypto'
import type { SiteConfig, SiteOptimiseConfig } from '../../config/settings.js'
import { type CacheRules, cacheRules } from '../cache/rules.js'
import { Envelopes } from '../fetch/envelope.js'
import type { OriginWord } from '../fetch/origin-health.js'
import { type OnEjected, Origins } from '../fetch/origins.js'
import { codingsAtHand } from '../optimise/codecs.js'
import type { OriginCounts } from '../serving.js'
import { type MeterPlace, noPlace } from '../usage/meter.js'
import { hostTable } from './host-table.js'
import { type HttpsRules, httpsRules } from './https.js'

export interface Site {
  readonly config: SiteConfig
  readonly name: string
  /** The same in all workers for the same settings, and no other: requests under two of them do not meet. */
  readonly revision: string
  readonly origins: Origins
  readonly envelopes: Envelopes
  readonly rules: CacheRules
  readonly https: HttpsRules
  /** Where its use is counted. */
  readonly place: MeterPlace
}

export interface Sites {
  readonly list: readonly Site[]
  find(host: string): Site | undefined
  /** What other workers, or checks, have found out. */
  obey(word: OriginWord): void
  /** Of every origin that was asked. */
  originCounts(): OriginCounts[]
  /**
   * Lets what is in progress finish, for `limitMs` at most when it is given, then closes all connections to the origins,
   * but for those that `kept` goes on with.
   */
  close(limitMs?: number, kept?: Sites): Promise<void>
}

/** Told when a worker finds an origin to be ejected; `site` is its name. */
export type OnSiteEjected = (site: string, ...what: Parameters<OnEjected>) => void

export interface BuildOptions {
  /** The sites in force: an origin whose settings stay keeps its connections, and what is known of it. */
  before?: Sites
  onEjected?: OnSiteEjected
}

/** Throws when an origin client cannot be made; nothing is in use then. */
export function buildSites(configs: readonly SiteConfig[], options: BuildOptions = {}): Sites {
  const list = configs.map(config => ({
    config,
    name: config.name,
    revision: hash('sha256', JSON.stringify(config), 'base64url'),
    origins: originsOf(config, options),
    envelopes: new Envelopes(),
    rules: cacheRules(
      config.cache,
      config.https.hstsMs > 0 ? ['strict-transport-security'] : [],
      makeable(config.optimise),
    ),
    https: httpsRules(config),
    place: noPlace(),
  }))
  const find = hostTable(list, ({ config }) => config.hosts)
  return {
    list,
    obey: ({ site, url, state }) => list.find(({ name }) => name === site)?.origins.set(url, state),
    originCounts: () => list.flatMap(countsOf),
    find,
    close: async (limitMs, kept) => {
      const going = list.filter(({ origins }) => !kept?.list.some(site => site.origins === origins))
      await Promise.all(going.map(({ origins }) => origins.close(limitMs)))
    },
  }
}

/** Without the codings that cannot be made here. */
function makeable(optimise: SiteOptimiseConfig): SiteOptimiseConfig {
  return { ...optimise, codings: optimise.codings.filter(coding => codingsAtHand.has(coding)) }
}

function countsOf({ name, origins }: Site): OriginCounts[] {
  return origins.list
    .filter(({ requests }) => requests > 0)
    .map(({ url, requests, failures, retries, active, pool }) => {
      const { connections, switched: webSockets } = pool.size
      return { site: name, url, requests, failures, retries, active, connections, webSockets }
    })
}

function originsOf(config: SiteConfig, { before, onEjected }: BuildOptions): Origins {
  const kept = before?.list.find(({ name, origins }) => name === config.name && origins.fit(config))
  if (kept !== undefined) return kept.origins
  const origins = new Origins(config)
  origins.onEjected = (...what) => onEjected?.(config.name, ...what)
  return origins
}
