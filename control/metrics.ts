// What control knows of itself, for Prometheus.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Service } from './service.js'
import { lastPosition } from './state/feed.js'
import { revisionOf } from './state/sites.js'

/** What is looked at when somebody asks. */
const gauges = {
  edges_up: 'Edges that listen.',
  edges: 'Edges that are known.',
  sites: 'Sites.',
  revision: 'The revision of all sites.',
  feed_position: 'The last entry of the feed.',
  tails: 'Streams of requests that are watched.',
  streams: 'Streams of events and requests.',
}
type Levels = Record<keyof typeof gauges, () => number>

export function levelsOf({ tables, live, tails, streams }: Service): Levels {
  return {
    edges_up: () => live.count,
    edges: () => tables.edges.getCount(),
    sites: () => tables.sites.getCount(),
    revision: () => revisionOf(tables),
    feed_position: () => lastPosition(tables),
    tails: () => tails.count,
    streams: () => streams.size,
  }
}

export class Metrics {
  readonly #registry = new Registry()
  readonly #requests: Counter<'method' | 'status'>
  readonly #seconds: Histogram

  constructor(levels: Levels) {
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
    for (const [name, help] of Object.entries(gauges)) {
      new Gauge({
        ...{ name: `naij_control_${name}`, help, registers },
        collect() {
          this.set(levels[name as keyof Levels]())
        },
      })
    }
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
