// The plots of the report as SVG: bars of ratios, curves of latency. Pure.
import { type CaseResult, latencyOf } from './compare.js'
import { escapeHtml } from './escape.js'

const WIDTH = 760
const LEFT = 130
const ROW = 26
const COLOURS = ['#2b7de9', '#c9772b', '#3a9d5d', '#9455c9', '#b8a01f', '#c9386f']

/** Ratios to each peer with their intervals, and what is promised of them. */
export function bars(item: CaseResult, budgets: Readonly<Record<string, number>>): string {
  const most = Math.max(
    1,
    ...item.comparisons.map(({ peer, ratio }) => Math.max(ratio.interval.high, budgets[peer] ?? 0)),
  )
  const x = (ratio: number) => LEFT + (Math.min(ratio, most * 1.1) / (most * 1.1)) * (WIDTH - LEFT - 70)
  const height = 40 + item.comparisons.length * ROW
  const rows = item.comparisons.map(({ peer, ratio }, at) => {
    const y = 30 + at * ROW
    const { low, high } = ratio.interval
    const budget = budgets[peer]
    return [
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escapeHtml(peer)}</text>`,
      `<rect x="${LEFT}" y="${y + 2}" width="${number(x(ratio.median) - LEFT)}" height="${ROW - 10}" fill="var(--ours)"/>`,
      `<path d="M${number(x(low))} ${y + 10}H${number(x(high))}" stroke="currentColor" stroke-width="2"/>`,
      budget === undefined
        ? ''
        : `<path d="M${number(x(budget))} ${y - 1}v${ROW - 3}" stroke="var(--bar)" stroke-width="2"/>`,
      `<text x="${number(x(Math.max(high, budget ?? 0)) + 6)}" y="${y + 14}">${ratio.median.toFixed(3)}</text>`,
    ].join('')
  })
  const one = `<path d="M${number(x(1))} 22V${height - 6}" stroke="currentColor" stroke-dasharray="3 3"/>`
  return svg(
    height,
    `<text x="0" y="14">${escapeHtml(item.case)}: CPU per request, ratio</text>${one}${rows.join('')}`,
  )
}

export interface Curve {
  title: string
  /** Of each server, [part of the requests, milliseconds], ascending. */
  series: { name: string; points: readonly (readonly [number, number])[] }[]
}

/** What clients waited: to the right the slower part of the requests, each step ten times rarer; upwards ten times longer. */
export function curves(what: CaseResult | Curve): string {
  const { title, series } = 'series' in what ? what : curveOf(what)
  const shown = series.filter(({ points }) => points.length > 0)
  const times = shown.flatMap(({ points }) => points.map(([, ms]) => Math.max(ms, 0.01)))
  if (times.length === 0) return ''
  const [least, most] = [
    Math.floor(Math.log10(Math.min(...times))),
    Math.ceil(Math.log10(Math.max(...times))),
  ]
  const rarest = Math.max(...shown.flatMap(({ points }) => points.map(([part]) => rarityOf(part))))
  const height = 240
  const x = (part: number) => number(LEFT + (rarityOf(part) / rarest) * (WIDTH - LEFT - 100))
  const y = (ms: number) =>
    number(
      height - 30 - ((Math.log10(Math.max(ms, 0.01)) - least) / Math.max(most - least, 1)) * (height - 60),
    )
  const grid = Array.from({ length: most - least + 1 }, (_, at) => 10 ** (least + at)).map(
    ms =>
      `<path d="M${LEFT} ${y(ms)}H${WIDTH - 90}" stroke="var(--line)"/><text x="${LEFT - 8}" y="${y(ms) + 4}" text-anchor="end">${ms} ms</text>`,
  )
  const marks = [0.5, 0.9, 0.99, 0.999, 0.9999].filter(part => rarityOf(part) <= rarest)
  const ticks = marks.map(
    part =>
      `<text x="${x(part)}" y="${height - 10}" text-anchor="middle">${+(part * 100).toFixed(2)}%</text>`,
  )
  const lines = shown.map(({ name, points }, at) => {
    const colour = COLOURS[at % COLOURS.length]
    const path = points.map(([part, ms]) => `${x(part)},${y(ms)}`).join(' ')
    const label = `<text x="${WIDTH - 86}" y="${40 + at * 16}" style="fill:${colour}">${escapeHtml(name)}</text>`
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`
  })
  return svg(
    height,
    `<text x="0" y="14">${escapeHtml(title)}</text>${[...grid, ...ticks, ...lines].join('')}`,
  )
}

function curveOf(item: CaseResult): Curve {
  const series = item.peers.map(result => {
    const latency = latencyOf(result)
    const points =
      latency === undefined
        ? []
        : ([
            [0.5, latency.p50],
            [0.99, latency.p99],
            [0.999, latency.p999],
          ] as const)
    return { name: result.peer, points }
  })
  return { title: `${item.case}: what clients waited at full load`, series }
}

/** 0 at the fastest, 1 where a tenth is slower, 2 where a hundredth is. */
function rarityOf(part: number): number {
  return -Math.log10(Math.max(1 - part, 1e-6))
}

function number(value: number): number {
  return Math.round(value * 10) / 10
}

function svg(height: number, content: string): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">${content}</svg>`
}
