// A status in which everything is known and everything has happened: what the reference page of the metrics is made of.
// The types see to it that it has every word a label may have.
import type { Result } from '../exchange.js'
import { type KeeperReport, noTotals } from '../keep/messages.js'
import type { TargetFormat } from '../optimise/image-request.js'
import type { Outcome } from '../optimise/job.js'
import type { Totals } from '../optimise/workshop-counts.js'
import { counterNames } from '../shared/layout.js'
import { noCounters } from './counters.js'
import { keeperStatus } from './keeper-status.js'
import type { LedStatus } from './led.js'
import type { OriginStatus, Status, WorkerStatus } from './status.js'

const site = 'shop'

/** Every word as a key: one that is missing, or is none, does not compile. */
const results: Record<Result, 1> = {
  ...{ hit: 1, stale: 1, miss: 1, collapsed: 1, expired: 1, revalidated: 1, pass: 1, refused: 1, error: 1 },
}
const outcomes: Record<Outcome | 'improved', 1> = {
  ...{ made: 1, improved: 1, useless: 1, busy: 1, outdated: 1, cancelled: 1, failed: 1 },
}
const formats: Record<TargetFormat, 1> = { avif: 1, webp: 1, jpeg: 1, png: 1, source: 1 }
/** As `kindOf` calls what is served; a `dictionary` is only made. */
const forms = [
  'br',
  'zstd',
  'gzip',
  'decode',
  'dcz',
  ...Object.keys(formats).map(format => `image-${format}`),
]

export function fullStatus(): Status {
  return {
    version: '0.1.0',
    pid: 10,
    state: 'running',
    generation: 2,
    configRevision: 3,
    configDigest: '',
    uptimeMs: 1_500,
    listeners: [],
    workers: [worker],
    keeper: keeperStatus({
      ...{ pid: 12, report: keeperReport, retired: noTotals(), sinceMs: 1, reportAgeMs: 1, deaths: 0 },
      why: undefined,
    }),
    optimiser: { pid: 13, deaths: 0, totals: optimiserTotals(), residentBytes: 1 },
    cache: { bytes: 100, entries: 4, bytesMax: 1_000 },
    origins: [origin],
    control: led,
    saved: forms.map(form => ({ site, form, responses: 1, bytes: 1 })),
    counters: { ...noCounters(), results: { ...results } },
    workerDeaths: 1,
    configReloads: 2,
    configReloadFailures: 0,
    residentBytes: 6_000,
  }
}

function optimiserTotals(): Totals {
  const kinds = [...forms, 'dictionary']
  const jobs = kinds.flatMap(kind => Object.keys(outcomes).map(outcome => [`${kind} ${outcome}`, 1] as const))
  return {
    ...{ queued: 0, running: 0 },
    jobs: Object.fromEntries(jobs),
    milliseconds: Object.fromEntries(kinds.map(kind => [kind, 1])),
  }
}

const worker: WorkerStatus = {
  slot: 0,
  pid: 11,
  state: 'ready',
  generation: 2,
  configRevision: 3,
  restarts: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  residentBytes: 5_000,
}

const keeperReport: KeeperReport = {
  state: 'keeping',
  index: { entries: 3, bytes: 8_192, bytesMax: 100_000 },
  segments: { files: 2, bytes: 50_000, bytesMax: 700_000, keptBytes: 600_000 },
  disk: { bytes: 1_000_000, freeBytes: 400_000 },
  fills: {
    slots: {
      ...{ free: 1, preparing: 0, offered: 0, asking: 0 },
      ...{ filling: 0, whole: 0, unshared: 0, orphaned: 0 },
    },
    counts: Object.fromEntries(counterNames.map(name => [name, 1])),
  },
  purges: { sequence: 1, rules: 1, sweepSeen: null },
  totals: noTotals(),
  residentBytes: 60_000,
}

const origin: OriginStatus = {
  site,
  url: 'http://127.0.0.1:3000',
  weight: 1,
  backup: false,
  state: 'good',
  since: null,
  reason: null,
  requests: 7,
  failures: 5,
  retries: 2,
  active: 1,
  connections: 3,
  webSockets: 2,
}

const led: LedStatus = {
  url: 'unix:control.sock',
  state: 'connected',
  sinceMs: 1,
  heardAgoMs: 1,
  why: null,
  edge: 'edge',
  epoch: 1,
  position: 2,
  revision: 4,
  refused: { revision: 3, reasons: [] },
  purgeUnknown: false,
}
