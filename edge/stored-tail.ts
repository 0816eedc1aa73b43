// What is sent behind the block of a stored response: its Age, and our Cache-Status.
import type { ResponseEntry } from './cache/entry.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { ageAndStatus } from './respond/assemble.js'

/** After so long without a hit an entry is no longer a hot one. */
const keptMs = 1_000

/** `status`: the Cache-Status; undefined for that of a plain hit. */
export function tailOf(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): string {
  if (status === undefined) return hitTail(edge, entry, x.nowMs)
  return ageAndStatus(ageMsOf(entry, x.nowMs), status)
}

/** RFC 9111 4.2.3; never negative, whatever a clock did. */
export function ageMsOf(entry: ResponseEntry, nowMs: number): number {
  return Math.max(nowMs - entry.bornAtMs, 0)
}

/**
 * Age and ttl count whole seconds: what one hit said is true for the hits of the next few hundred milliseconds. It is kept
 * from the second such hit on: text kept for each of many seldom hit ones is what the garbage collector would be busy with.
 */
function hitTail(edge: Edge, entry: ResponseEntry, nowMs: number): string {
  const isTrue = nowMs >= entry.tailFromMs && nowMs < entry.tailUntilMs
  if (isTrue && entry.tail !== '') return entry.tail
  const ageMs = ageMsOf(entry, nowMs)
  const ttl = Math.floor((entry.freshUntilMs - nowMs) / 1000)
  const tail = ageAndStatus(ageMs, edge.hitPrefix + ttl)
  if (isTrue) {
    entry.tail = tail
    return tail
  }
  // The tail of a hot one is worth keeping at once: it was hit twice in the second before.
  entry.tail = entry.tail === '' || nowMs - entry.tailUntilMs > keptMs ? '' : tail
  entry.tailFromMs = nowMs
  entry.tailUntilMs = Math.min(nowMs + 1000 - (ageMs % 1000), Math.floor(entry.freshUntilMs - ttl * 1000) + 1)
  return tail
}
