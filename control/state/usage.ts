// What sites have used, by the hour, over all edges. An edge says what each of its files has counted so far, again and again:
// what was said before is remembered until the file is done, and only what is more is added, so nothing is counted twice.
import { type UsageField, usageFields } from '../../config/usage-fields.js'
import type { Tables } from './database.js'

export type Usage = Record<UsageField, number>

export interface Said {
  readonly site: string
  /** Hours since 1970, UTC. */
  readonly hour: number
  readonly totals: readonly number[]
}

export interface UsageReport {
  readonly file: string
  readonly rows: readonly Said[]
  /** Nothing will be counted in it any more. */
  readonly final: boolean
}

const hourMs = 3_600_000
const zeros: readonly number[] = usageFields.map(() => 0)

/** Within a transaction. The sites of which there is more now. */
export function takeUsage(tables: Tables, { file, rows, final }: UsageReport, nowMs: number): Set<string> {
  const { usageSaid, usageDone } = tables
  const touched = new Set<string>()
  // What was said of it before it was done has been counted: the answer to that was lost.
  if (usageDone.doesExist(file)) return touched
  for (const { site, hour, totals } of rows) {
    const key = `${file}/${site}/${hourText(hour)}`
    const before = usageSaid.get(key) ?? zeros
    const more = totals.map((count, at) => Math.max(0, count - before[at]!))
    if (more.every(count => count === 0)) continue
    usageSaid.putSync(
      key,
      before.map((count, at) => count + more[at]!),
    )
    add(tables, site, hour, more)
    touched.add(site)
  }
  if (final) {
    for (const key of [...usageSaid.getKeys({ start: `${file}/`, end: `${file}0` })])
      usageSaid.removeSync(key)
    usageDone.putSync(file, nowMs)
  }
  return touched
}

function add({ usage, usageMonths }: Tables, site: string, hour: number, more: readonly number[]): void {
  for (const [table, key] of [
    [usage, `${site}/${hourText(hour)}`],
    [usageMonths, `${site}/${monthOf(hour * hourMs)}`],
  ] as const) {
    const before = table.get(key) ?? zeros
    table.putSync(
      key,
      before.map((count, at) => count + more[at]!),
    )
  }
}

/** Within a transaction: hours that began before `beforeMs`, so many at once. Months stay. */
export function pruneUsage({ usage }: Tables, site: string, beforeMs: number, limit: number): void {
  const end = `${site}/${hourText(Math.floor(beforeMs / hourMs))}`
  for (const key of [...usage.getKeys({ start: `${site}/`, end, limit })]) usage.removeSync(key)
}

export type Granularity = 'hour' | 'day' | 'month'

export interface UsageItem extends Usage {
  readonly site: string
  /** RFC 3339, UTC: when the hour, day or month began. */
  readonly from: string
}

export interface UsageQuestion {
  /** Names, each once. */
  readonly sites: Iterable<string>
  readonly fromMs: number
  /** Hours that begin before. */
  readonly toMs: number
  readonly granularity: Granularity
}

/** By site, then by time; hours in which nothing was used are left out. */
export function* usageOf({ usage }: Tables, question: UsageQuestion): Generator<UsageItem> {
  const { sites, fromMs, toMs, granularity } = question
  for (const site of sites) {
    let sum: { from: string; totals: number[] } | undefined
    const range = {
      start: `${site}/${hourText(Math.floor(fromMs / hourMs))}`,
      end: `${site}/${hourText(Math.ceil(toMs / hourMs))}`,
    }
    for (const { key, value } of usage.getRange(range)) {
      const from = beginOf(Number(key.slice(-7)) * hourMs, granularity)
      if (sum !== undefined && sum.from !== from) yield itemOf(site, sum)
      if (sum?.from !== from) sum = { from, totals: [...zeros] }
      value.forEach((count, at) => {
        sum!.totals[at]! += count
      })
    }
    if (sum !== undefined) yield itemOf(site, sum)
  }
}

function itemOf(site: string, { from, totals }: { from: string; totals: readonly number[] }): UsageItem {
  return { site, from, ...namedUsage(totals) }
}

export function namedUsage(totals: readonly number[] = zeros): Usage {
  return Object.fromEntries(usageFields.map((name, at) => [name, totals[at]!])) as Usage
}

export function monthlyUsage({ usageMonths }: Tables, site: string, nowMs: number): Usage {
  return namedUsage(usageMonths.get(`${site}/${monthOf(nowMs)}`))
}

/** `YYYY-MM`, UTC. */
export function monthOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 7)
}

function beginOf(wallMs: number, granularity: Granularity): string {
  const hour = new Date(wallMs).toISOString().slice(0, 13)
  if (granularity === 'hour') return `${hour}:00:00.000Z`
  return granularity === 'day' ? `${hour.slice(0, 10)}T00:00:00.000Z` : `${hour.slice(0, 7)}-01T00:00:00.000Z`
}

/** In seven digits, so that keys are in the order of time. */
function hourText(hour: number): string {
  return String(Math.max(0, hour)).padStart(7, '0')
}

export function usageCsv(items: Iterable<UsageItem>): string {
  const lines = [['site', 'from', ...usageFields].join(',')]
  for (const item of items)
    lines.push([item.site, item.from, ...usageFields.map(name => item[name])].join(','))
  // RFC 4180; names of sites hold neither commas nor quotes.
  return `${lines.join('\r\n')}\r\n`
}
