// What a worker process does for the supervisor: the interface between `programs/worker.ts` (process, messages) and
// `serve.ts` (listeners and the path).
import type { SiteConfig } from '../config/settings.js'
import type { Explained } from './explain/explanation.js'
import type { Question } from './explain/question.js'
import type { OriginWord } from './fetch/origin-health.js'
import type { LoopLag } from './usage/loop-lag.js'
import type { Tail, Tailed } from './usage/tap.js'

/** Plain totals since the worker started; they only grow, but for `active`, `connections`, `overloaded`, `webSocketsOpen` and `cache*`: levels. */
export interface Counters {
  requests: number
  /** Requests in progress now. */
  active: number
  /** By the first digit of the status sent: index 0 is unused. */
  statusClasses: [number, number, number, number, number, number]
  /** By cache result word: hit, stale, miss, collapsed, expired, revalidated, pass, refused, error. */
  results: Record<string, number>
  bytesIn: number
  bytesOut: number
  originRequests: number
  originErrors: number
  clientAborts: number
  logDropped: number
  /** Variants that left for a younger one of their URL. */
  variantsEvicted: number
  /** Forms of stored responses: compressed at once, asked of the optimiser, and not asked because too much waited. */
  formsInline: number
  formsAsked: number
  formsRefused: number
  /** WebSockets that were opened; each counts as a request, its bytes as they pass. */
  webSockets: number
  webSocketsOpen: number
  /** Open now; and those closed at once because there were too many, or too many of their address. */
  connections: number
  connectionsRefused: number
  addressesRefused: number
  connectionsShed: number
  proxyHeadersRefused: number
  /** Requests that were turned away because the worker was overloaded, and whether it is now: 0 or 1. */
  shed: number
  overloaded: number
  /** How late the event loop came to its timers. */
  loopLag: LoopLag
  cacheEntries: number
  cacheBytes: number
}

/** Of one origin of one site in one worker. */
export interface OriginCounts {
  site: string
  url: string
  /** Tries since the worker started, those that failed, and those that were not the first of their request. */
  requests: number
  failures: number
  retries: number
  /** Now: requests on their way or waiting, connections for these, and WebSockets. */
  active: number
  connections: number
  webSockets: number
}

/** Of one site in one worker, by form, such as `br`: bodies served in it, and how much shorter they were than without. */
export interface SavedCounts {
  site: string
  form: string
  responses: number
  /** Less than nothing when they were longer. */
  bytes: number
}

export interface Serving {
  /** The ports listened on, in the order of `config.listen`. */
  readonly ports: readonly number[]
  /** Builds everything for the new sites without using it; the returned function swaps it in. Throws when it cannot. */
  prepareSites(sites: readonly SiteConfig[]): () => void
  counters(): Counters
  /** Of every origin that was asked. */
  originCounts(): OriginCounts[]
  savedCounts(): SavedCounts[]
  /** What other workers, or checks, have found out of these. */
  setOrigins(words: readonly OriginWord[]): void
  /** Shows requests to these from now on, and to no others. */
  setTails(tails: readonly Tail[], send: (tailed: Tailed) => void): void
  /** What would become of a request now, and why; nothing changes by it. Synchronous. */
  explain(question: Question): Explained
  /** Stops listening, answers what is in progress with `Connection: close`; resolves when all are gone or the limit is reached. */
  drain(): Promise<void>
}
