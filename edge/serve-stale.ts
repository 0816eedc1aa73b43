// What is stored, in place of an answer that failed (RFC 5861 4, RFC 9111 4.2.4).
import { demandsOf } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import { mayUseStale } from './cache/stale-use.js'
import { refuse } from './conclude.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { cacheStatus } from './http/cache-status.js'
import { isLost } from './look-again.js'
import type { Plan } from './plan.js'
import { type Refusal, refusals } from './respond/refuse.js'

/** How the origin failed: it answered with an error, or not at all. */
export type Failure = 'error' | 'disconnected'

export function mayServeStale(
  edge: Edge,
  x: Exchange,
  stored: ResponseEntry | undefined,
  failure: Failure,
  nowMs: number,
): stored is ResponseEntry {
  if (stored === undefined || isLost(edge, x, stored)) return false
  const demands = demandsOf(x, x.site!.rules)
  return mayUseStale(stored, failure, x.site!.rules, x.target, nowMs, demands)
}

/** The edge has too much to do to ask: then as when the origin fails, and who cannot have what is stored is refused. */
export function serveUnasked(
  edge: Edge,
  x: Exchange,
  stored: ResponseEntry | undefined,
  refusal: Refusal,
): void {
  const mayServe = refusal === refusals.shed && mayServeStale(edge, x, stored, 'error', x.nowMs)
  if (mayServe) serveUnforwarded(edge, x, stored!, 'overloaded')
  else refuse(edge, x, refusal)
}

/** The origin fails for it again and again: what may be served in its place is, without a wait for the same failure again. */
export function servePaused(edge: Edge, x: Exchange, stored: ResponseEntry | undefined): boolean {
  const failure = edge.pauses.find(x.storedKey, x.nowMs)
  if (failure === undefined || !mayServeStale(edge, x, stored, failure, x.nowMs)) return false
  serveUnforwarded(edge, x, stored, 'origin-paused')
  return true
}

/** `detail` says why nobody is asked. */
function serveUnforwarded(edge: Edge, x: Exchange, stored: ResponseEntry, detail: string): void {
  x.result = 'stale'
  x.reason = 'stale'
  x.detail = detail
  // It was not forwarded: a hit, though stale (RFC 9211 2.1).
  const ttlSeconds = Math.floor((stored.freshUntilMs - x.nowMs) / 1000)
  deliver(edge, x, stored, cacheStatus(edge.config.cdnId, { kind: 'hit', ttlSeconds, detail }))
}

/** `detail` says how the origin failed. */
export function serveStale(
  edge: Edge,
  x: Exchange,
  stored: ResponseEntry,
  {
    reason,
    detail,
    forwardStatus,
  }: Pick<Plan, 'reason'> & { detail: string; forwardStatus?: number | undefined },
  nowMs: number,
): void {
  if (x.responder.state !== 'open') return
  x.result = 'stale'
  x.detail = detail
  x.nowMs = nowMs
  x.responder.onEnd = undefined
  const ttlSeconds = Math.floor((stored.freshUntilMs - nowMs) / 1000)
  const status = { kind: 'forwarded', reason, forwardStatus, ttlSeconds, detail } as const
  deliver(edge, x, stored, cacheStatus(edge.config.cdnId, status))
}
