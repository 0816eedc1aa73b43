// What is sent behind the block of a stored response: its Age, and our Cache-Status.
import type { ResponseEntry } from './cache/entry.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { ageAndStatus } from './respond/assemble.js'

/** `status`: the Cache-Status; undefined for that of a plain hit. */
export function tailOf(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): string {
  if (status === undefined) return hitTail(edge, entry, x.nowMs)
  return ageAndStatus(ageMsOf(entry, x.nowMs), status)
}

/** RFC 9111 4.2.3; never negative, whatever a clock did. */
export function ageMsOf(entry: ResponseEntry, nowMs: number): number {
  return Math.max(nowMs - entry.bornAtMs, 0)
}

/** Age and ttl count whole seconds: what one hit said is true for the hits of the next few hundred milliseconds. */
function hitTail(edge: Edge, entry: ResponseEntry, nowMs: number): string {
  if (nowMs >= entry.tailFromMs && nowMs < entry.tailUntilMs) return entry.tail
  const ageMs = ageMsOf(entry, nowMs)
  const ttl = Math.floor((entry.freshUntilMs - nowMs) / 1000)
  const nextAgeMs = nowMs + 1000 - (ageMs % 1000)
  entry.tail = ageAndStatus(ageMs, edge.hitPrefix + ttl)
  entry.tailFromMs = nowMs
  entry.tailUntilMs = Math.min(nextAgeMs, Math.floor(entry.freshUntilMs - ttl * 1000) + 1)
  return entry.tail
}
