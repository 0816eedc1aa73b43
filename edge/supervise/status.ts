// What the supervisor knows at one moment, as plain data: the answer of /status, and what /metrics is made of.
import type { EdgeConfig } from '../../config/settings.js'
import { addSaved } from '../optimise/saved.js'
import type { Counters, OriginCounts, SavedCounts } from '../serving.js'
import { addTotals, noCounters, sumCounters } from './counters.js'
import type { Generation, SlotView } from './generation.js'
import type { KeeperStatus } from './keeper-status.js'
import type { LedStatus } from './led.js'
import type { Report } from './messages.js'
import type { OptimiserStatus } from './optimiser-slot.js'
import type { OriginView } from './origin-board.js'
import { addOrigins, originStatus } from './origin-counts.js'
import { residentBytes } from './resident.js'

export interface WorkerStatus {
  slot: number
  /** null while the slot is empty; so are `startedAt` and `residentBytes`. */
  pid: number | null
  state: SlotView['state']
  generation: number
  configRevision: number
  restarts: number
  /** RFC 3339, UTC. */
  startedAt: string | null
  residentBytes: number | null
}

export interface Status {
  version: string
  pid: number
  state: 'starting' | 'running' | 'stopping'
  generation: number
  configRevision: number
  /** SHA-256 of the file as it was read, hexadecimal. */
  configDigest: string
  uptimeMs: number
  listeners: EdgeConfig['listen']
  workers: WorkerStatus[]
  keeper: KeeperStatus
  optimiser: OptimiserStatus
  cache: { bytes: number; entries: number; bytesMax: number }
  origins: OriginStatus[]
  /** null: the sites are in the file. */
  control: LedStatus | null
  /** What forms have saved, by site and form. */
  saved: SavedCounts[]
  counters: Counters
  workerDeaths: number
  configReloads: number
  configReloadFailures: number
  residentBytes: number
}

/** One origin of one site: what is known of it, and the sums over all workers. */
export type OriginStatus = OriginView & Omit<OriginCounts, 'site' | 'url'>

/** What the supervisor counts itself. */
export class Tally {
  workerDeaths = 0
  configReloads = 0
  configReloadFailures = 0
  /** Totals of workers that are gone, as of their last report. */
  readonly #retired = noCounters()
  readonly #retiredOrigins = new Map<string, OriginCounts>()
  readonly #retiredSaved = new Map<string, SavedCounts>()

  /** A worker is gone; `died` when it was not meant to. */
  retire(report: Report | undefined, died: boolean): void {
    if (died) this.workerDeaths++
    if (report) addTotals(this.#retired, report.counters)
    addOrigins(this.#retiredOrigins, report?.origins, false)
    addSaved(this.#retiredSaved, report?.saved)
  }

  /** `known` with the numbers of all workers, gone and running. */
  origins(known: readonly OriginView[], running: readonly Report[]): OriginStatus[] {
    const sums = new Map<string, OriginCounts>()
    addOrigins(sums, [...this.#retiredOrigins.values()], false)
    for (const { origins } of running) addOrigins(sums, origins, true)
    return originStatus(known, sums)
  }

  /** What forms have saved, over all workers, gone and running. */
  saved(running: readonly Report[]): SavedCounts[] {
    const sums = new Map(this.#retiredSaved)
    for (const { saved } of running) addSaved(sums, saved)
    return [...sums.values()]
  }

  /** Totals of all workers, gone and running. */
  sum(running: readonly Counters[]): Counters {
    return sumCounters([this.#retired, ...running])
  }
}

/** Plain data of the supervisor that no generation has. */
export interface StatusBasis {
  version: string
  state: Status['state']
  configDigest: string
  logDropped: number
  tally: Tally
  keeper: KeeperStatus
  optimiser: OptimiserStatus
  origins: readonly OriginView[]
  control: LedStatus | null
}

/** How long a worker may take to report; then its last report counts. */
const reportTimeoutMs = 1_000

/** Asks all workers, then looks: `generations` is read again, the serving one first. Never rejects. */
export async function gatherStatus(basis: StatusBasis, generations: () => Generation[]): Promise<Status> {
  const links = generations().flatMap(generation => generation.links())
  await Promise.all(links.map(link => link.askReport(reportTimeoutMs)))
  const [serving, ...others] = generations()
  return statusOf(basis, serving!, others)
}

/** What keeps the edge from being ready, one text each. */
export function missingOf(state: Status['state'], serving: Generation): string[] {
  if (state !== 'running') return [`the edge is ${state}`]
  const empty = serving.view().filter(slot => slot.state !== 'ready')
  return empty.map(slot => `worker ${slot.slot} is ${slot.state}`)
}

/** `serving` is the generation that serves, `others` those that start or drain. */
export function statusOf(basis: StatusBasis, serving: Generation, others: readonly Generation[]): Status {
  const { version, state, tally, keeper, optimiser, origins, control } = basis
  const reports = reportsOf([serving, ...others])
  const counters = tally.sum(reports.map(report => report.counters))
  counters.logDropped += basis.logDropped + keeper.totals.logDropped
  return {
    version,
    pid: process.pid,
    state,
    generation: serving.number,
    configRevision: serving.revision,
    configDigest: basis.configDigest,
    uptimeMs: Math.round(process.uptime() * 1000),
    listeners: serving.config.listen,
    workers: [serving, ...others].flatMap(workersOf),
    keeper,
    optimiser,
    cache: {
      bytes: counters.cacheBytes,
      entries: counters.cacheEntries,
      bytesMax: serving.config.cache.bytesMax,
    },
    origins: tally.origins(origins, reports),
    control,
    saved: tally.saved(reports),
    counters,
    workerDeaths: tally.workerDeaths,
    configReloads: tally.configReloads,
    configReloadFailures: tally.configReloadFailures,
    residentBytes: residentBytes(),
  }
}

function reportsOf(generations: readonly Generation[]): Report[] {
  return generations.flatMap(generation =>
    generation.links().flatMap(link => (link.report ? [link.report] : [])),
  )
}

function workersOf(generation: Generation): WorkerStatus[] {
  return generation.view().map(({ slot, state, restarts, link }) => ({
    slot,
    pid: link?.pid ?? null,
    state,
    generation: generation.number,
    configRevision: link?.revision ?? generation.revision,
    restarts,
    startedAt: link ? new Date(link.startedAtMs).toISOString() : null,
    residentBytes: link?.report?.residentBytes ?? null,
  }))
}
