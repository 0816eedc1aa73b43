// The report as one page that needs no network: bars with their intervals, what clients waited, what was held, and all
// configurations. Pure.
import { type Budgets, judge } from './budgets.js'
import { type CaseResult, latencyOf, type ScenarioResult } from './compare.js'
import { escapeHtml } from './escape.js'
import type { Outcome } from './host/measurement.js'
import { bars, curves } from './plots.js'
import type { Report } from './report.js'

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --ours: #2b7de9; --theirs: #c9772b; --bar: #d33 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left }
.missed { color: var(--bar); font-weight: 600 } .fault { color: var(--bar) }
svg { max-width: 100%; height: auto; display: block; margin: 1rem 0 }
svg text { font: 12px system-ui, sans-serif; fill: currentColor }
pre { overflow: auto; max-height: 24rem; border: 1px solid var(--line); padding: .7rem; font-size: 12px }
`

export function pageOf(report: Report): string {
  const { startedAt, machine, versions, faults, notes, scenarios, measurements, budgets } = report
  const facts = {
    started: startedAt,
    machine: `${machine.cpuModel}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB, Linux ${machine.kernel}, Node ${machine.node}`,
    load: `${report.load.toFixed(2)} before the run`,
    rounds: `${report.rounds[0]} to ${report.rounds[1]} of ${report.secondsPerRound} s`,
    cores: JSON.stringify(report.placement),
    ...versions,
  }
  const sections = [
    tableOf(Object.entries(facts)),
    ...faults.map(fault => `<p class="fault">${escapeHtml(fault)}</p>`),
    ...notes.map(note => `<p>${escapeHtml(note)}</p>`),
    ...scenarios.map(result => sectionOf(result, budgets)),
    ...Object.entries(measurements).map(([name, outcome]) => measurementOf(name, outcome)),
    `<h2>The request</h2><pre>${escapeHtml(report.request.map(([name, value]) => `${name}: ${value}`).join('\n'))}</pre>`,
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>NaijCloud Edge, bench of ${escapeHtml(startedAt)}</title><style>${STYLE}</style></head>
<body><h1>NaijCloud Edge beside others</h1>
<p>CPU time of the server for each answered request, user and system, as a ratio: below 1 the edge is cheaper. Whiskers are
95% intervals of the median, the red line is what the project promises.</p>
${sections.join('\n')}
</body></html>
`
}

function tableOf(rows: readonly (readonly string[])[], head: readonly string[] = []): string {
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map(cell => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`
  const first = head.length === 0 ? '' : cells(head, 'th')
  return `<table>${first}${rows.map(row => cells(row, 'td')).join('\n')}</table>`
}

const HEAD = [
  'case',
  'server',
  'CPU us',
  'of it system',
  'ratio',
  'interval',
  'budget',
  'req/s',
  'p50',
  'p99',
  'p99.9 ms',
]
const HELD = ['memory MiB', 'files MiB', 'in page cache MiB', 'loop p99 ms']

function sectionOf(result: ScenarioResult, budgets: Budgets): string {
  const of = (item: CaseResult) => budgets[result.scenario]?.[item.case] ?? {}
  const plots = result.cases.flatMap(item => [
    ...(item.comparisons.length > 0 ? [bars(item, of(item))] : []),
    curves(item),
  ])
  return [
    `<h2>${escapeHtml(result.scenario)}</h2><p>${escapeHtml(result.summary)}</p>`,
    ...result.faults.map(fault => `<p class="fault">${escapeHtml(fault)}</p>`),
    ...plots,
    tableOf(
      result.cases.flatMap(item => rowsOf(item, of(item))),
      [...HEAD, ...HELD],
    ),
    ...Object.entries(result.configurations).map(
      ([peer, text]) =>
        `<details><summary>Configuration of ${escapeHtml(peer)}</summary><pre>${escapeHtml(text)}</pre></details>`,
    ),
  ].join('\n')
}

function rowsOf(item: CaseResult, budgets: Readonly<Record<string, number>>): string[][] {
  return item.peers.map((result, at) => {
    const ratio = item.comparisons[at - 1]?.ratio
    const budget = budgets[result.peer]
    const latency = latencyOf(result)
    const ms = [latency?.p50, latency?.p99, latency?.p999].map(value => value?.toFixed(2) ?? '')
    const system = result.samples.reduce((sum, sample) => sum + sample.systemMicrosecondsPerRequest, 0)
    const { memoryBytes, diskBytes, pageCacheBytes } = result.holdings ?? {}
    const held = [memoryBytes, diskBytes, pageCacheBytes].map(bytes =>
      bytes === undefined ? '' : (bytes / 2 ** 20).toFixed(0),
    )
    held.push(result.loopLagMs?.toString() ?? '')
    return [
      item.case,
      result.peer,
      result.cpuMicrosecondsPerRequest.toFixed(1),
      (system / result.samples.length).toFixed(1),
      ratio?.median.toFixed(3) ?? '',
      ratio === undefined ? '' : `${ratio.interval.low.toFixed(3)} to ${ratio.interval.high.toFixed(3)}`,
      ratio === undefined || budget === undefined ? '' : `${budget} ${judge(ratio, budget)}`,
      result.requestsPerSecond.toFixed(0),
      ...ms,
      ...held,
    ]
  })
}

function measurementOf(name: string, { lines, faults, isKept, histograms }: Outcome): string {
  const verdict =
    isKept === undefined ? '' : `<p>${isKept ? 'met' : '<span class="missed">MISSED</span>'}</p>`
  return [
    `<h2>${escapeHtml(name)}</h2>`,
    ...faults.map(fault => `<p class="fault">${escapeHtml(fault)}</p>`),
    `<ul>${lines.map(line => `<li>${escapeHtml(line)}</li>`).join('')}</ul>${verdict}`,
    ...(histograms ?? []).map(({ title, series }) => curves({ title, series })),
  ].join('\n')
}
