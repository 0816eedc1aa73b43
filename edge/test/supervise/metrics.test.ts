import t from 'tap'
import { noCounters } from '../../supervise/counters.js'
import { noKeeper } from '../../supervise/keeper-status.js'
import { renderMetrics } from '../../supervise/metrics.js'
import { noOptimiser } from '../../supervise/optimiser-slot.js'
import type { Status } from '../../supervise/status.js'

const worker = {
  slot: 0,
  pid: 11,
  state: 'ready' as const,
  generation: 2,
  configRevision: 3,
  restarts: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  residentBytes: 5_000,
}

const status: Status = {
  version: '0.1.0 "a\\b"',
  pid: 10,
  state: 'running',
  generation: 2,
  configRevision: 3,
  uptimeMs: 1_500,
  listeners: [
    { port: 80, connectionsMax: 9, proxyFrom: [], chunkedUploads: 'close', tls: { certificates: [] } },
  ],
  workers: [
    worker,
    { ...worker, slot: 1, pid: null, state: 'waiting', startedAt: null, residentBytes: null },
    { ...worker, generation: 1, state: 'draining' },
  ],
  keeper: noKeeper(),
  optimiser: noOptimiser,
  saved: [],
  control: null,
  origins: [
    {
      site: 'shop',
      url: 'http://a',
      weight: 1,
      backup: false,
      state: 'ejected',
      since: '2026-01-01T00:00:00.000Z',
      reason: 'connect-refused',
      requests: 7,
      failures: 5,
      retries: 2,
      active: 1,
      connections: 3,
      webSockets: 2,
    },
  ],
  cache: { bytes: 100, entries: 4, bytesMax: 1_000 },
  counters: {
    ...noCounters(),
    requests: 9,
    statusClasses: [0, 0, 6, 0, 1, 2],
    results: { miss: 2, hit: 7 },
    bytesOut: 1e15,
    loopLag: { counts: [7, 0, 0, 1, 0, 0, 0, 0, 0, 2], sumMs: 4_500 },
  },
  workerDeaths: 1,
  configReloads: 2,
  configReloadFailures: 0,
  configDigest: 'd',
  residentBytes: 6_000,
}

t.test('renderMetrics() writes each family once, with labels and values', async t => {
  const text = renderMetrics(status)
  for (const line of [
    'naij_requests_total{class="2xx"} 6',
    'naij_requests_total{class="5xx"} 2',
    'naij_cache_results_total{result="hit"} 7',
    'naij_bytes_out_total 1000000000000000',
    'naij_loop_lag_seconds_bucket{le="0.001"} 7',
    'naij_loop_lag_seconds_bucket{le="0.01"} 8',
    'naij_loop_lag_seconds_bucket{le="1"} 8',
    'naij_loop_lag_seconds_bucket{le="+Inf"} 10',
    'naij_loop_lag_seconds_sum 4.5',
    'naij_loop_lag_seconds_count 10',
    'naij_cache_entries 4',
    'naij_cache_bytes 100',
    'naij_workers 2',
    'naij_workers_ready 1',
    'naij_worker_deaths_total 1',
    'naij_config_revision 3',
    'naij_config_reloads_total 2',
    'naij_config_reload_failures_total 0',
    'naij_uptime_seconds 1.5',
    'naij_build_info{version="0.1.0 \\"a\\\\b\\""} 1',
    'naij_worker_resident_bytes{slot="0",generation="2"} 5000',
    'naij_worker_resident_bytes{slot="0",generation="1"} 5000',
    'naij_supervisor_resident_bytes 6000',
    'naij_origin_good{site="shop",origin="http://a"} 0',
    'naij_origin_tries_total{site="shop",origin="http://a"} 7',
    'naij_origin_retries_total{site="shop",origin="http://a"} 2',
    'naij_origin_connections{site="shop",origin="http://a"} 3',
  ]) {
    t.ok(text.includes(`\n${line}\n`), line)
  }
})

t.test(
  'renderMetrics() keeps to the text format: HELP and TYPE before the samples of a name, nothing twice',
  async t => {
    const seen = new Set<string>()
    let family = ''
    for (const line of renderMetrics(status).trimEnd().split('\n')) {
      const named = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
      if (named?.[1] === 'HELP') family = named[2]!
      t.match(
        line,
        named
          ? /^# (HELP \S+ .+|TYPE \S+ (counter|gauge|histogram))$/
          : /^naij_[a-z_]+(\{[^}]+\})? \d[\d.]*$/,
      )
      t.ok(line.includes(family), line)
      t.notOk(seen.has(line), line)
      seen.add(line)
      if (!named) t.ok(line.startsWith(family))
    }
  },
)
