// The counters of one worker. Plain numbers: the supervisor adds the workers up.
import type { Exchange } from '../exchange.js'
import { refusals } from '../respond/refuse.js'
import type { Counters } from '../serving.js'

/** What the path itself counts; levels of the log and the store are added when somebody asks. */
export type PathCounters = Omit<
  Counters,
  'logDropped' | 'overloaded' | 'loopLag' | 'webSocketsOpen' | 'cacheEntries' | 'cacheBytes'
>

export function newCounters(): PathCounters {
  return {
    requests: 0,
    active: 0,
    statusClasses: [0, 0, 0, 0, 0, 0],
    results: {
      hit: 0,
      stale: 0,
      miss: 0,
      collapsed: 0,
      expired: 0,
      revalidated: 0,
      pass: 0,
      refused: 0,
      error: 0,
    },
    bytesIn: 0,
    bytesOut: 0,
    originRequests: 0,
    originErrors: 0,
    clientAborts: 0,
    variantsEvicted: 0,
    formsInline: 0,
    formsAsked: 0,
    formsRefused: 0,
    webSockets: 0,
    connections: 0,
    connectionsRefused: 0,
    addressesRefused: 0,
    connectionsShed: 0,
    proxyHeadersRefused: 0,
    shed: 0,
  }
}

/** Once per exchange, when its answer ended (`completed`) or its client was lost. */
export function count(counters: PathCounters, x: Exchange, completed: boolean): void {
  counters.requests += 1
  counters.active -= 1
  // RFC 9110 15: what is above 599 is to be treated as a 5xx.
  counters.statusClasses[Math.min((x.status / 100) | 0, 5)] += 1
  counters.results[x.result] += 1
  counters.bytesOut += x.responder.bodyBytesOut
  if (x.upload !== undefined) counters.bytesIn += x.upload.bytesIn
  if (x.status === refusals.shed.status && x.detail === refusals.shed.code) counters.shed += 1
  if (!completed) counters.clientAborts += 1
}
