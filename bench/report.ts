// The result of a run as tables for people and as a document for machines, and the history of runs. The page is page.ts.
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Budgets, judge } from './budgets.js'
import {
  type CaseResult,
  INTERVAL_PART_MAX,
  isKnown,
  latencyOf,
  type PeerResult,
  type ScenarioResult,
} from './compare.js'
import type { Outcome } from './host/measurement.js'
import type { Machine } from './machine.js'
import { pageOf } from './page.js'

export interface Report {
  /** Layout of this document; rises when a reader would misread it. */
  layout: 2
  /** RFC 3339, UTC. */
  startedAt: string
  machine: Machine
  /** Mean number of processes that wanted to run in the minute before. */
  load: number
  /** Name of a peer or tool -> what it says about its version. */
  versions: Record<string, string>
  /** At least, and at most. */
  rounds: [number, number]
  secondsPerRound: number
  /** Of each server; absent where the scenarios say it. */
  workers?: number
  /** Cores used; absent where nothing was pinned. */
  placement: { server?: number; load?: number; origin?: number }
  /** The fields of the request, [name, value]. */
  request: readonly (readonly [string, string])[]
  budgets: Budgets
  scenarios: ScenarioResult[]
  /** By the name of the measurement. */
  measurements: Record<string, Outcome>
  /** What does not belong to one of them. */
  faults: string[]
  /** What is to be known beside the numbers. */
  notes: string[]
}

const HEADINGS = [
  'case',
  'against',
  'CPU us/req',
  'its',
  'ratio',
  'interval',
  'req/s',
  'its',
  'p99 ms',
  'its',
  'budget',
]

/** One table: a line per case and peer, the subject's number before the peer's. */
export function formatTable(result: ScenarioResult, budgets: Budgets): string {
  const lines = result.cases.flatMap(item => formatCase(item, budgets[result.scenario]?.[item.case] ?? {}))
  const subject = result.cases[0]?.peers[0]?.peer ?? 'nothing'
  const title = `${result.scenario} (${subject}): ${result.summary}`
  const holdings = result.cases.flatMap(formatHoldings)
  const notes = [...result.faults.map(fault => `! ${fault}`), ...result.cases.flatMap(formatWide)]
  return [title, '', ...formatColumns([HEADINGS, ...lines]), '', ...holdings, ...notes].join('\n').trimEnd()
}

/** Under a rule; words to the left, in the first two columns, numbers to the right. */
export function formatColumns(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const [head, ...text] = rows.map(row =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  )
  return [head!, widths.map(width => '-'.repeat(width)).join('  '), ...text]
}

function formatCase(item: CaseResult, budgets: Readonly<Record<string, number>>): string[][] {
  const [subject, ...others] = item.peers
  if (subject === undefined) return []
  const [cpu, rate, p99] = numbersOf(subject)
  if (others.length === 0) return [[item.case, '-', cpu!, '-', '-', '-', rate!, '-', p99!, '-', '-']]
  return others.map((other, i) => {
    const { ratio } = item.comparisons[i]!
    const [itsCpu, itsRate, itsP99] = numbersOf(other)
    const interval = `${ratio.interval.low.toFixed(2)}..${ratio.interval.high.toFixed(2)}`
    const budget = budgets[other.peer]
    const verdict = budget === undefined ? '-' : `<= ${budget} ${judge(ratio, budget)}`
    const head = [item.case, other.peer, cpu!, itsCpu!, ratio.median.toFixed(3), interval]
    return [...head, rate!, itsRate!, p99!, itsP99!, verdict]
  })
}

function numbersOf(result: PeerResult): string[] {
  const latency = latencyOf(result)
  return [
    result.cpuMicrosecondsPerRequest.toFixed(1),
    result.requestsPerSecond.toFixed(0),
    latency === undefined ? '-' : latency.p99.toFixed(2),
  ]
}

const MIB = 2 ** 20

function formatHoldings({ case: name, peers }: CaseResult): string[] {
  return peers.flatMap(({ peer, holdings, loopLagMs, syscallsPerRequest }) => {
    if (holdings === undefined) return []
    const mib = (bytes: number | undefined) => (bytes === undefined ? '?' : (bytes / MIB).toFixed(0))
    const { memoryBytes, diskBytes, pageCacheBytes } = holdings
    const held = `memory ${mib(memoryBytes)} MiB, files ${mib(diskBytes)} MiB, of them in memory ${mib(pageCacheBytes)} MiB`
    const lag = loopLagMs === undefined ? '' : `; event loop 99% within ${loopLagMs} ms`
    const calls = Object.entries(syscallsPerRequest ?? {})
      .sort(([, a], [, b]) => b - a)
      .map(([call, count]) => `${call} ${count.toFixed(2)}`)
    return [
      `  ${name}, ${peer}: ${held}${lag}${calls.length > 0 ? `; calls per request: ${calls.join(', ')}` : ''}`,
    ]
  })
}

/** A sentence for each ratio that is not known as well as is wanted. */
function formatWide({ case: name, comparisons, peers }: CaseResult): string[] {
  return comparisons
    .filter(({ ratio }) => !isKnown(ratio))
    .map(({ peer }) => {
      const rounds = peers[0]!.samples.length
      return `~ ${name}, ${peer}: after ${rounds} rounds the 95% interval is not within ${INTERVAL_PART_MAX * 100}% of the ratio`
    })
}

/** A sentence for each budget that is missed beyond doubt. */
export function missedBudgets({ scenarios, budgets }: Pick<Report, 'scenarios' | 'budgets'>): string[] {
  return scenarios.flatMap(({ scenario, cases }) =>
    cases.flatMap(item =>
      item.comparisons.flatMap(({ peer, ratio }) => {
        const most = budgets[scenario]?.[item.case]?.[peer]
        if (most === undefined || judge(ratio, most) !== 'missed') return []
        const { low, high } = ratio.interval
        const found = `${ratio.median.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
        return [`${scenario} ${item.case} against ${peer}: ${found}, at most ${most}`]
      }),
    ),
  )
}

/** `out` itself when it names a .json file, else a file named after the time in the directory `out`. */
export function reportFile(out: string, startedAt: string): string {
  return out.endsWith('.json') ? out : join(out, `${startedAt.replace(/\.\d+/, '').replaceAll(':', '')}.json`)
}

/** The report, its page beside it, and a line of history in the same directory. Gives the names of the three. */
export async function writeReport(file: string, report: Report): Promise<string[]> {
  const directory = dirname(file)
  const [page, history] = [file.replace(/\.json$/, '.html'), join(directory, 'history.jsonl')]
  await mkdir(directory, { recursive: true })
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(page, pageOf(report))
  await appendFile(history, `${JSON.stringify(historyOf(report))}\n`)
  return [file, page, history]
}

/** What is kept of a run to see how commits differ: one number for each case and peer. */
export function historyOf({ startedAt, machine, versions, scenarios }: Report): Record<string, unknown> {
  const ratios = scenarios.flatMap(({ scenario, cases }) =>
    cases.flatMap(item =>
      item.comparisons.map(({ peer, ratio }) => [`${scenario} ${item.case} / ${peer}`, ratio.median]),
    ),
  )
  return { startedAt, cpu: machine.cpuModel, versions, ratios: Object.fromEntries(ratios) }
}
