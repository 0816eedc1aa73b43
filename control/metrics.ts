// What control knows of itself, for Prometheus.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Service } from './service.js'
import { lastPosition } from './state/feed.js'
import { revisionOf } from './state/sites.js'

export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'method' | 'status'>
  readonly #seconds: Histogram

  constructor(service: Service) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry, prefix: 'naij_control_' })
    this.#requests = new Counter({
      ...{ name: 'naij_control_requests_total', help: 'Requests answered.', registers },
      labelNames: ['method', 'status'],
    })
    const buckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5]
    this.#seconds = new Histogram({
      name: 'naij_control_request_seconds',
      help: 'Time to an answer.',
      buckets,
      registers,
    })
    const { tables, live, tails, streams } = service
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        ...{ name: `naij_control_${name}`, help, registers },
        collect() {
          this.set(value())
        },
      })
    gauge('edges_up', 'Edges that listen.', () => live.count)
    gauge('edges', 'Edges that are known.', () => tables.edges.getCount())
    gauge('sites', 'Sites.', () => tables.sites.getCount())
    gauge('revision', 'The revision of all sites.', () => revisionOf(tables))
    gauge('feed_position', 'The last entry of the feed.', () => lastPosition(tables))
    gauge('tails', 'Streams of requests that are watched.', () => tails.count)
    gauge('streams', 'Streams of events and requests.', () => streams.size)
  }

  /** `ms`: until it was answered. */
  note(method: string, status: number, ms: number): void {
    this.#requests.inc({ method, status: String(status) })
    this.#seconds.observe(ms / 1_000)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  get type(): string {
    return this.#registry.contentType
  }
}
