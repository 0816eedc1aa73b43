// Whether a request may go on to an origin, if it has to.
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { refusesForwarding } from './http/client-directives.js'
import { isLastHop, loopCount } from './http/forward.js'
import { lastHop, type Refusal, refusals } from './respond/refuse.js'

/** Why the origin is not asked though it would have to be; undefined when it may be. */
export function judgeForwarding(edge: Edge, x: Exchange): Refusal | undefined {
  const refusal = judgeLoop(edge, x)
  if (refusal !== undefined) return refusal
  // Among ordinary fields is no Max-Forwards: they need not be read for it.
  if (x.ordinaryLines?.() === undefined && isLastHop(x.method, x.fields)) return lastHop
  if (edge.overload.isActive) return refusals.shed
  const isRefused = (x.marks & Mark.cacheControl) !== 0 && refusesForwarding(x.method, x.fields)
  return isRefused ? refusals.onlyIfCached : undefined
}

/** Whether what is served to `x` may be asked for anew behind it: who has too much to do leaves it stale. */
export function mayRefresh(edge: Edge, x: Exchange): boolean {
  return !edge.overload.isActive && judgeLoop(edge, x) === undefined
}

/** RFC 8586: it has come round once too often. */
function judgeLoop(edge: Edge, x: Exchange): Refusal | undefined {
  if (x.ordinaryLines?.() !== undefined) return undefined
  return loopCount(x.fields, edge.config.cdnId) > edge.config.loopMax ? refusals.loop : undefined
}

/** There is no room for one request more, wherever it would be answered from. */
export function judgeLoad({ counters, config }: Edge): Refusal | undefined {
  return counters.active > config.limits.exchangesMax ? refusals.overloaded : undefined
}
