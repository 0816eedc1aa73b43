// What a site, or all of them, have used in the last day, and what goes on now.
import { useMemo, useRef } from 'preact/hooks'
import { type Api, dataOf } from './api'
import { Chart } from './chart'
import { useAsked } from './use'
import { bytesText, countText, percentText } from './words'

type Item = {
  from: string
  requests: number
  bytesOut: number
  hit: number
  stale: number
  collapsed: number
  status5xx: number
}

const hourMs = 3_600_000
const everyMs = 5_000

export function Overview({ api, site }: { api: Api; site: string }) {
  const asked = useAsked(() => usageOf(api, site), site, everyMs)
  const items = asked.data
  const series = useMemo(() => seriesOf(items ?? []), [items])
  const total = (name: keyof Omit<Item, 'from'>) => (items ?? []).reduce((sum, item) => sum + item[name], 0)
  const rate = useRate(site, total('requests'), items !== undefined)
  const hits = total('hit') + total('stale') + total('collapsed')
  return (
    <section class="wide" aria-label="Traffic">
      <h2>Traffic of the last 24 hours</h2>
      {asked.error !== '' && <p class="bad">{asked.error}</p>}
      <div class="figures">
        <Figure name="requests" text={countText(total('requests'))} />
        <Figure name="hit ratio" text={percentText(hits, total('requests'))} />
        <Figure name="sent" text={bytesText(total('bytesOut'))} />
        <Figure name="errors (5xx)" text={countText(total('status5xx'))} />
        <Figure name="requests a second, now" text={rate === undefined ? '…' : rate.toFixed(1)} />
      </div>
      <div class="charts">
        <Chart title="Requests" times={series.times} values={series.requests} text={countText} />
        <Chart
          title="Hit ratio, %"
          times={series.times}
          values={series.hitRatio}
          text={value => value.toFixed(0)}
        />
        <Chart title="Sent" times={series.times} values={series.bytesOut} text={bytesText} />
        <Chart title="Errors (5xx)" times={series.times} values={series.errors} text={countText} />
      </div>
    </section>
  )
}

function Figure({ name, text }: { name: string; text: string }) {
  return (
    <div class="figure" data-figure={name}>
      <b>{text}</b>
      <span>{name}</span>
    </div>
  )
}

async function usageOf(api: Api, site: string): Promise<Item[]> {
  const answer = await dataOf(
    api.GET('/v1/usage', { params: { query: { ...(site !== '' && { site }), granularity: 'hour' } } }),
  )
  return typeof answer === 'string' ? [] : answer.items
}

/** Of all sites together, every hour of the last day. */
function seriesOf(items: readonly Item[]) {
  const now = Math.floor(Date.now() / hourMs)
  const hours = Array.from({ length: 24 }, (_, at) => now - 23 + at)
  const sums = hours.map(hour => {
    const of = items.filter(({ from }) => Date.parse(from) / hourMs === hour)
    const sum = (name: keyof Omit<Item, 'from'>) => of.reduce((all, item) => all + item[name], 0)
    return {
      requests: sum('requests'),
      hits: sum('hit') + sum('stale') + sum('collapsed'),
      bytesOut: sum('bytesOut'),
      errors: sum('status5xx'),
    }
  })
  return {
    times: hours.map(hour => (hour * hourMs) / 1_000),
    requests: sums.map(({ requests }) => requests),
    hitRatio: sums.map(({ hits, requests }) => (requests === 0 ? null : (100 * hits) / requests)),
    bytesOut: sums.map(({ bytesOut }) => bytesOut),
    errors: sums.map(({ errors }) => errors),
  }
}

const rateOverMs = 20_000

/** Of what was counted lately: edges tell every ten seconds or so. */
function useRate(site: string, count: number, isKnown: boolean): number | undefined {
  const seen = useRef<{ site: string; samples: { atMs: number; count: number }[] }>({ site, samples: [] })
  if (seen.current.site !== site) seen.current = { site, samples: [] }
  const { samples } = seen.current
  const atMs = performance.now()
  if (isKnown && samples.at(-1)?.count !== count) samples.push({ atMs, count })
  while (samples.length > 2 && atMs - samples[1]!.atMs > rateOverMs) samples.shift()
  const [first] = samples
  if (first === undefined || !isKnown) return undefined
  return atMs - first.atMs < 1_000 ? 0 : ((count - first.count) * 1_000) / (atMs - first.atMs)
}
