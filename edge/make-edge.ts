// What all requests of a worker share, made from its configuration: the store on the disk, the sites, what is counted.
import { availableParallelism } from 'node:os'
import { type EdgeConfig, workerCount } from '../config/settings.js'
import type { WhyRefused } from './accept/door.js'
import { Router } from './accept/route.js'
import { buildSites, type OnSiteEjected } from './accept/sites.js'
import type { Admission } from './cache/admit.js'
import { Invalidations } from './cache/invalidations.js'
import { Pauses } from './cache/pauses.js'
import { Purges, type ReadNews } from './cache/purges/purges.js'
import { Refreshes } from './cache/refreshes.js'
import { SiteQuotas } from './cache/site-quotas.js'
import type { Store } from './cache/store.js'
import type { Edge } from './edge.js'
import { EdgeError } from './error.js'
import type { Exchange } from './exchange.js'
import { Collapse } from './fetch/collapse.js'
import type { HostFills } from './fetch/host-fills.js'
import { hitPrefix } from './http/cache-status.js'
import { FormMaker } from './optimise/form-maker.js'
import type { Making } from './optimise/job.js'
import { Overload } from './overload.js'
import { PassBudget } from './pass-coder.js'
import type { Replay } from './replay/replay.js'
import type { LatePurgeWord } from './shared/late-purge-word.js'
import { Slices } from './slices/slices.js'
import { startAlone } from './start.js'
import { newCounters, type PathCounters } from './usage/count.js'
import { AccessLog, cutText } from './usage/log.js'
import type { Logger } from './usage/logger.js'
import type { Meter } from './usage/meter.js'
import { seldom } from './usage/seldom.js'

/** Of a body that is kept in the index, where there are no segments. */
const inlineBytesMax = 1024 * 1024
/** A failing store is said once in this time, with how often it happened since. */
const storeWarningMs = 10_000

export interface EdgeParts {
  config: EdgeConfig
  store: Store
  host: HostFills | undefined
  purgeWord: Pick<LatePurgeWord, 'open'> | undefined
  making: Making | undefined
  meter: Meter | undefined
  replay: Replay | undefined
  log: Logger
  onEjected: OnSiteEjected
}

export function makeEdge({
  config,
  store,
  host,
  purgeWord,
  making,
  meter,
  replay,
  log,
  onEjected,
}: EdgeParts): Edge {
  const { limits, cdnId } = config
  const warn = seldom(storeWarningMs, (code, details) =>
    log.warn({ code, ...details }, 'an answer was not stored'),
  )
  const warnOfConnections = seldom(storeWarningMs, (code, details) =>
    log.warn({ code, ...details }, 'connections are closed at once'),
  )
  const counters = newCounters()
  const forms = new FormMaker({
    store,
    identity: cdnId,
    config: config.optimise,
    counters,
    making,
    onFailure: warn,
  })
  return {
    config,
    store,
    meter,
    replay,
    tap: undefined,
    router: new Router(buildSites(config.sites, { onEjected })),
    admission: {
      ...admissionOf({ config, store, purgeWord, log, warn, counters }),
      onDictionary: (x, stored) => forms.learn(x, stored),
    },
    counters,
    refreshes: new Refreshes(),
    pauses: new Pauses(),
    collapse: new Collapse(host),
    forms,
    passing: new PassBudget(config.optimise),
    slices: new Slices(),
    askAlone,
    stalled: { used: 0, max: limits.stalledBytesMax, broken: 0 },
    spool: { directory: config.run.directory, used: 0, max: limits.spoolBytesMax },
    webSockets: new Set(),
    overload: new Overload(limits, log),
    onConnectionRefused: why => warnOfConnections(refusedAs(why)),
    log,
    accessLog: config.log.access === 'off' ? undefined : new AccessLog(log, config.log),
    hitPrefix: hitPrefix(cdnId),
    isDraining: false,
    onIdle: undefined,
  }
}

interface AdmissionParts extends Pick<EdgeParts, 'config' | 'store' | 'purgeWord' | 'log'> {
  counters: PathCounters
  warn: Admission['onFailure']
}

function admissionOf({ config, store, purgeWord, log, warn, counters }: AdmissionParts): Admission {
  const { cache, cdnId } = config
  const warnOfVariants = seldom(storeWarningMs, (code, details) =>
    log.warn({ code, ...details }, 'a URL has more variants than are kept'),
  )
  const warnOfPurges = seldom(storeWarningMs, (code, details) =>
    log.error({ code, ...details }, 'the purges could not be read: nothing stored is used'),
  )
  return {
    store,
    fills: { used: 0, max: cache.fillBytesMax },
    invalidations: new Invalidations(store.invalidated),
    purges: new Purges({
      readNews: readPurgesOf(store),
      openWord: purgeWord && (() => purgeWord.open()),
      onTrouble: warnOfPurges,
    }),
    quotas: new SiteQuotas({
      cacheDirectory: cache.directory,
      workers: workerCount(config, availableParallelism()),
      log: (level, message, details) => log[level](details, message),
    }),
    objectBytesMax: objectBytesMaxOf(cache, store),
    identity: cdnId,
    onVariantsLeft: (count, key) => {
      counters.variantsEvicted += count
      warnOfVariants(
        new EdgeError('variants-max', `the oldest of ${cutText(key)}`, { source: 'edge', status: 500 }),
      )
    },
    onFailure: warn,
  }
}

const refusedWords = {
  address: ['too-many-address', 'too many of one address'],
  connections: ['too-many-connections', 'too many in all'],
  overload: ['overloaded', 'too much to do'],
  proxy: ['bad-proxy-header', 'who may say for whom it connects did not say it as the PROXY protocol does'],
} as const

function refusedAs(why: WhyRefused): EdgeError {
  const [code, message] = refusedWords[why]
  return new EdgeError(code, message, { source: 'client', status: 503 })
}

/** The plan of a request that nothing stored can answer, and whose answer is for it alone. */
function askAlone(edge: Edge, x: Exchange): void {
  x.result = 'pass'
  startAlone(edge, x, { kind: 'alone', reason: 'uri-miss', stored: undefined })
}

function readPurgesOf(store: Store): ReadNews | undefined {
  return store.readPurges && (after => store.readPurges!(after))
}

function objectBytesMaxOf({ objectBytesMax, bytesMax }: EdgeConfig['cache'], store: Store): number {
  return Math.min(objectBytesMax, store.bodies === undefined ? inlineBytesMax : bytesMax / 4)
}
