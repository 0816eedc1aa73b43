// The status as Prometheus text, format 0.0.4: pure. What the keeper says is keeper-metrics.ts's, how a family is
// written prometheus.ts's.

import { lagBoundsMs } from '../usage/loop-lag.js'
import { controlFamilies } from './control-metrics.js'
import { keeperFamilies } from './keeper-metrics.js'
import { optimiserFamilies } from './optimiser-metrics.js'
import { originFamilies } from './origin-metrics.js'
import { counter, gauge, histogram, only, type Sample } from './prometheus.js'
import type { Status } from './status.js'

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** All metrics, one family after the other, each with HELP and TYPE. */
export function renderMetrics(status: Status): string {
  return [
    ...traffic(status),
    ...supervision(status),
    ...memory(status),
    ...keeperFamilies(status.keeper),
    ...optimiserFamilies(status.optimiser, status.saved),
    ...originFamilies(status.origins),
    ...controlFamilies(status.control),
  ].join('')
}

function traffic({ counters, cache }: Status): string[] {
  const results = Object.entries(counters.results).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    counter('requests_total', 'Requests answered, by class of status.', classes(counters.statusClasses)),
    counter(
      'cache_results_total',
      'Requests by what the cache did.',
      results.map(([result, count]): Sample => [{ result }, count]),
    ),
    counter('requests_received_total', 'Requests received.', only(counters.requests)),
    gauge('requests_active', 'Requests in progress.', only(counters.active)),
    counter('bytes_in_total', 'Bytes received from clients.', only(counters.bytesIn)),
    counter('bytes_out_total', 'Bytes sent to clients.', only(counters.bytesOut)),
    counter('origin_requests_total', 'Requests sent to origins.', only(counters.originRequests)),
    counter('origin_errors_total', 'Requests to origins that failed.', only(counters.originErrors)),
    counter('client_aborts_total', 'Requests whose client left before the end.', only(counters.clientAborts)),
    counter('log_dropped_total', 'Log lines dropped because the reader was slow.', only(counters.logDropped)),
    counter(
      'cache_variants_evicted_total',
      'Variants that left for a younger one of their URL.',
      only(counters.variantsEvicted),
    ),
    counter('forms_total', 'Forms of stored responses that workers needed, by how they came by them.', [
      [{ how: 'inline' }, counters.formsInline],
      [{ how: 'asked' }, counters.formsAsked],
      [{ how: 'refused' }, counters.formsRefused],
    ]),
    gauge('connections', 'Connections of clients that are open.', only(counters.connections)),
    counter('connections_refused_total', 'Connections closed at once, by why.', [
      [{ reason: 'connections' }, counters.connectionsRefused],
      [{ reason: 'address' }, counters.addressesRefused],
      [{ reason: 'overload' }, counters.connectionsShed],
      [{ reason: 'proxy' }, counters.proxyHeadersRefused],
    ]),
    counter('requests_shed_total', 'Requests turned away by overloaded workers.', only(counters.shed)),
    gauge(
      'workers_overloaded',
      'Workers that turn away new connections and misses.',
      only(counters.overloaded),
    ),
    histogram(
      'loop_lag_seconds',
      'How late the event loops of workers came to a timer, looked at ten times a second.',
      lagBoundsMs.map(bound => bound / 1000),
      { counts: counters.loopLag.counts, sum: counters.loopLag.sumMs / 1000 },
    ),
    counter('web_sockets_total', 'WebSockets opened.', only(counters.webSockets)),
    gauge('web_sockets_open', 'WebSockets that are open.', only(counters.webSocketsOpen)),
    gauge('cache_entries', 'Entries in the cache.', only(cache.entries)),
    gauge('cache_bytes', 'Bytes in the cache.', only(cache.bytes)),
    gauge('cache_bytes_max', 'Bytes the cache may hold.', only(cache.bytesMax)),
  ]
}

function supervision(status: Status): string[] {
  const slots = status.workers.filter(worker => worker.generation === status.generation)
  const ready = slots.filter(worker => worker.state === 'ready').length
  return [
    gauge('workers', 'Worker slots of the serving generation.', only(slots.length)),
    gauge('workers_ready', 'Workers of the serving generation that are ready.', only(ready)),
    counter('worker_deaths_total', 'Workers that died and were replaced.', only(status.workerDeaths)),
    gauge('generation', 'The serving generation of workers.', only(status.generation)),
    gauge(
      'config_revision',
      'The configuration in use, counted from the start.',
      only(status.configRevision),
    ),
    counter('config_reloads_total', 'Configurations taken over while running.', only(status.configReloads)),
    counter(
      'config_reload_failures_total',
      'Configurations refused while running.',
      only(status.configReloadFailures),
    ),
    gauge('uptime_seconds', 'Since the supervisor started.', only(status.uptimeMs / 1000)),
    gauge('build_info', 'Always 1.', [[{ version: status.version }, 1]]),
  ]
}

function memory(status: Status): string[] {
  const workers = status.workers.flatMap(({ slot, generation, residentBytes }): Sample[] =>
    residentBytes === null ? [] : [[{ slot, generation }, residentBytes]],
  )
  return [
    gauge('worker_resident_bytes', 'Resident memory of each worker.', workers),
    gauge('supervisor_resident_bytes', 'Resident memory of the supervisor.', only(status.residentBytes)),
  ]
}

function classes(statusClasses: readonly number[]): Sample[] {
  return [1, 2, 3, 4, 5].map(digit => [{ class: `${digit}xx` }, statusClasses[digit] ?? 0])
}
