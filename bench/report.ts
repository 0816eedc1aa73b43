// The result of a run as a table for people and as a document for machines. Pure but for writing the file.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CaseResult, Comparison, PeerResult, ScenarioResult } from './compare.js'
import type { Machine } from './machine.js'

export interface Report {
  /** Layout of this document; rises when a reader would misread it. */
  layout: 1
  /** RFC 3339, UTC. */
  startedAt: string
  machine: Machine
  /** Name of a peer or tool -> what it says about its version. */
  versions: Record<string, string>
  rounds: number
  secondsPerRound: number
  /** Cores used; absent where nothing was pinned. */
  placement: { server?: number; load?: number; origin?: number }
  /** The fields of the request, [name, value]. */
  request: readonly (readonly [string, string])[]
  scenarios: ScenarioResult[]
}

const HEADINGS = ['case', 'against', 'CPU us/req', 'its', 'ratio', 'interval', 'level', 'req/s', 'its', 'bar']

/** One table: a line per case and peer, the subject's number before the peer's. */
export function formatTable(result: ScenarioResult): string {
  const lines = result.cases.flatMap(item => formatCase(item))
  const rows = [HEADINGS, ...lines]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const text = rows.map(row => formatRow(row, widths))
  const subject = result.cases[0]?.peers[0]?.peer ?? 'nothing'
  const title = `${result.scenario} (${subject}): ${result.summary}`
  const rule = widths.map(width => '-'.repeat(width)).join('  ')
  return [title, '', text[0], rule, ...text.slice(1), ...result.faults.map(fault => `! ${fault}`)].join('\n')
}

/** Words to the left, numbers to the right. */
function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
  return cells.join('  ').trimEnd()
}

function formatCase(item: CaseResult): string[][] {
  const [subject, ...others] = item.peers
  if (subject === undefined) return []
  const own = [subject.cpuMicrosecondsPerRequest.toFixed(1), subject.requestsPerSecond.toFixed(0)]
  if (others.length === 0) return [[item.case, '-', own[0]!, '-', '-', '-', '-', own[1]!, '-', '-']]
  return others.map((other, i) => {
    const { ratio } = item.comparisons[i]!
    return [
      item.case,
      other.peer,
      own[0]!,
      other.cpuMicrosecondsPerRequest.toFixed(1),
      ratio.median.toFixed(3),
      `${ratio.interval.low.toFixed(2)}..${ratio.interval.high.toFixed(2)}`,
      `${Math.floor(ratio.interval.level * 100)}%`,
      own[1]!,
      other.requestsPerSecond.toFixed(0),
      formatBar(item.comparisons[i]!, subject),
    ]
  })
}

function formatBar({ bar, ratio }: Comparison, subject: PeerResult): string {
  if (bar === undefined) return '-'
  const least = bar.requestsPerSecondMin
  const most = bar.ratioMax
  const isMet =
    ratio.median <= (most ?? Number.POSITIVE_INFINITY) && subject.requestsPerSecond >= (least ?? 0)
  const wanted = [
    ...(most === undefined ? [] : [`<= ${most}`]),
    ...(least === undefined ? [] : [`>= ${least}/s`]),
  ]
  return `${wanted.join(', ')} ${isMet ? 'met' : 'MISSED'}`
}

/** `out` itself when it names a .json file, else a file named after the time in the directory `out`. */
export function reportFile(out: string, startedAt: string): string {
  return out.endsWith('.json') ? out : join(out, `${startedAt.replace(/\.\d+/, '').replaceAll(':', '')}.json`)
}

export async function writeReport(file: string, report: Report): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`)
}
