// Sums of workers' counters. What a dead worker had counted is kept, so that totals never go back.
import type { Counters } from '../serving.js'
import { addLags, noLoopLag } from '../usage/loop-lag.js'

/** All zero. */
export function noCounters(): Counters {
  return {
    requests: 0,
    active: 0,
    statusClasses: [0, 0, 0, 0, 0, 0],
    results: {},
    bytesIn: 0,
    bytesOut: 0,
    originRequests: 0,
    originErrors: 0,
    clientAborts: 0,
    logDropped: 0,
    variantsEvicted: 0,
    formsInline: 0,
    formsAsked: 0,
    formsRefused: 0,
    webSockets: 0,
    webSocketsOpen: 0,
    connections: 0,
    connectionsRefused: 0,
    addressesRefused: 0,
    connectionsShed: 0,
    proxyHeadersRefused: 0,
    shed: 0,
    overloaded: 0,
    loopLag: noLoopLag(),
    cacheEntries: 0,
    cacheBytes: 0,
  }
}

/** The sum over `all`. The cache is one for all workers: of its levels the largest report counts, not the sum. */
export function sumCounters(all: readonly Counters[]): Counters {
  const sum = noCounters()
  for (const one of all) {
    addTotals(sum, one)
    sum.active += one.active
    sum.webSocketsOpen += one.webSocketsOpen
    sum.connections += one.connections
    sum.overloaded += one.overloaded
    sum.cacheEntries = Math.max(sum.cacheEntries, one.cacheEntries)
    sum.cacheBytes = Math.max(sum.cacheBytes, one.cacheBytes)
  }
  return sum
}

/** Adds what only grows of `one` to `sum`, in place; levels (active, open, cache) are left as they are. */
export function addTotals(sum: Counters, one: Counters): void {
  sum.requests += one.requests
  sum.bytesIn += one.bytesIn
  sum.bytesOut += one.bytesOut
  sum.originRequests += one.originRequests
  sum.originErrors += one.originErrors
  sum.clientAborts += one.clientAborts
  sum.logDropped += one.logDropped
  sum.variantsEvicted += one.variantsEvicted
  sum.formsInline += one.formsInline
  sum.formsAsked += one.formsAsked
  sum.formsRefused += one.formsRefused
  sum.webSockets += one.webSockets
  sum.connectionsRefused += one.connectionsRefused
  sum.addressesRefused += one.addressesRefused
  sum.connectionsShed += one.connectionsShed
  sum.proxyHeadersRefused += one.proxyHeadersRefused
  sum.shed += one.shed
  addLags(sum.loopLag, one.loopLag)
  for (const index of [1, 2, 3, 4, 5] as const) sum.statusClasses[index] += one.statusClasses[index]
  for (const [result, count] of Object.entries(one.results)) {
    sum.results[result] = (sum.results[result] ?? 0) + count
  }
}
