// The keeper as /status shows it: what it last said of itself and of the cache, and what those before it had counted.
import { type KeeperReport, type KeeperTotals, noTotals } from '../keep/messages.js'

export interface KeeperStatus {
  /**
   * `absent`: there is none, `why` says it; `starting`: its process has not said anything yet; `waiting`: another edge
   * keeps this cache.
   */
  state: 'absent' | 'starting' | KeeperReport['state']
  pid: number | null
  /** How long it has been in this state. */
  sinceMs: number
  /** What it said last is so old; null when it has said nothing. */
  reportAgeMs: number | null
  why: string | null
  deaths: number
  /** null, each of them, when it is not known. */
  index: KeeperReport['index']
  segments: KeeperReport['segments']
  disk: KeeperReport['disk']
  fills: KeeperReport['fills']
  purges: KeeperReport['purges']
  /** Of all keepers since the supervisor started. */
  totals: KeeperTotals
  residentBytes: number | null
}

export interface KeeperKnown {
  /** Of the process, if there is one. */
  pid: number | undefined
  /** The last of this process. */
  report: KeeperReport | undefined
  retired: KeeperTotals
  sinceMs: number
  reportAgeMs: number
  deaths: number
  why: string | undefined
}

export function keeperStatus(known: KeeperKnown): KeeperStatus {
  const { pid, report, retired, sinceMs, reportAgeMs, deaths, why } = known
  const totals = { ...retired }
  addKeeperTotals(totals, report?.totals)
  return {
    state: pid === undefined ? 'absent' : (report?.state ?? 'starting'),
    pid: pid ?? null,
    sinceMs: Math.round(sinceMs),
    reportAgeMs: report === undefined ? null : Math.round(reportAgeMs),
    why: why ?? null,
    deaths,
    index: report?.index ?? null,
    segments: report?.segments ?? null,
    disk: report?.disk ?? null,
    fills: report?.fills ?? null,
    purges: report?.purges ?? null,
    totals,
    residentBytes: report?.residentBytes ?? null,
  }
}

/** No keeper, and none wanted. */
export function noKeeper(): KeeperStatus {
  const nothing = { pid: undefined, report: undefined, retired: noTotals(), why: undefined }
  return keeperStatus({ ...nothing, sinceMs: 0, reportAgeMs: 0, deaths: 0 })
}

/** Adds to `sum`, in place. */
export function addKeeperTotals(sum: KeeperTotals, more: KeeperTotals | undefined): void {
  if (more === undefined) return
  for (const name of Object.keys(sum) as (keyof KeeperTotals)[]) sum[name] += more[name]
}
