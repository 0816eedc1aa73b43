// Two reports beside each other: what the ratios of a run were before. Ratios, because microseconds of another day or
// machine say little.
import { readFile } from 'node:fs/promises'
import { Problem } from './problem.js'
import { formatColumns, type Report } from './report.js'
import type { Spread } from './statistics.js'

const HEADINGS = ['case', 'against', 'before', 'interval', 'now', 'interval', 'change']

/** Throws a Problem when the file cannot be read or is none of ours. */
export async function readReport(file: string): Promise<Report> {
  let report: Partial<Report>
  try {
    report = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new Problem(`--compare ${file}: ${(error as Error).message}`)
  }
  if (report?.layout === 2) return report as Report
  throw new Problem(`--compare ${file}: not a report of this bench (layout 2)`)
}

/** A table of all that both have. */
export function formatChanges(before: Report, now: Report): string {
  const [old, fresh] = [ratiosOf(before), ratiosOf(now)]
  const rows = [...fresh].flatMap(([key, ratio]) => {
    const earlier = old.get(key)
    return earlier !== undefined && isThere(earlier) && isThere(ratio) ? [rowOf(key, earlier, ratio)] : []
  })
  const commits = [before, now].map(({ versions, startedAt }) => `${versions.edge ?? '?'} of ${startedAt}`)
  const title = `Ratios before (${commits[0]}) and now (${commits[1]})`
  if (rows.length === 0) return `${title}: nothing that both measured`
  return [title, '', ...formatColumns([HEADINGS, ...rows])].join('\n')
}

/** By scenario and case, and peer, one behind the other. */
function ratiosOf({ scenarios }: Report): Map<string, Spread> {
  return new Map(
    scenarios.flatMap(({ scenario, cases }) =>
      cases.flatMap(item =>
        item.comparisons.map(({ peer, ratio }) => [`${scenario} ${item.case}\t${peer}`, ratio] as const),
      ),
    ),
  )
}

/** A round without an answer has no ratio, which JSON writes as null. */
function isThere({ median }: Spread): boolean {
  return Number.isFinite(median)
}

/** A change whose intervals overlap may be none. */
function rowOf(key: string, before: Spread, now: Spread): string[] {
  const part = now.median / before.median - 1
  const areApart = now.interval.low > before.interval.high || now.interval.high < before.interval.low
  const change = `${part > 0 ? '+' : ''}${(part * 100).toFixed(1)}%${areApart ? '' : ' ?'}`
  const range = ({ interval }: Spread) => `${interval.low.toFixed(2)}..${interval.high.toFixed(2)}`
  const [name, peer] = key.split('\t')
  return [name!, peer!, before.median.toFixed(3), range(before), now.median.toFixed(3), range(now), change]
}
