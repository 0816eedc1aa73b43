// How an exchange ends: with what is stored (deliver.ts), with a refusal or a failure of our own, and in every case with one line
// in the log and one count, when the last byte was handed over or the client was lost.
import { performance } from 'node:perf_hooks'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import { type Exchange, Mark } from './exchange.js'
import { type CacheStatus, cacheStatus } from './http/cache-status.js'
import { traceIdOf } from './http/trace-context.js'
import { failure, type Refusal, refusalHead } from './respond/refuse.js'
import { count } from './usage/count.js'
import { cutText, type Moved } from './usage/log.js'
import { shownTarget } from './usage/privacy.js'

/** The engine has not checked how its chunks are framed: what follows such a body may be part of it. */
export function isLoose(x: Exchange): boolean {
  return x.framing.transferEncodings > 0 && (x.marks & Mark.framingChecked) === 0
}

/** Answers with a small complete response of our own. */
export function refuse(edge: Edge, x: Exchange, why: Refusal): void {
  const { responder } = x
  x.status = why.status
  x.detail = why.code
  const identity = edge.config.cdnId
  const tail = cacheStatus(identity, refusalStatus(x, why.code))
  const { head, body } = refusalHead(why, identity, tail)
  if (why.close || edge.isDraining || isLoose(x)) responder.closeAfter = true
  if (responder.state === 'gone') return finish(edge, x, false)
  responder.onEnd = completed => finish(edge, x, completed)
  // Never at once: this engine forgets to close when another request sits in the same segment, and answers it.
  setImmediate(() => {
    if (x.method === 'HEAD') responder.sendHead(head, body.length)
    else responder.send(head, body)
  })
}

/** RFC 9211 2: what was refused by a stored response is a hit, and only what went to the origin was forwarded. */
function refusalStatus(x: Exchange, detail: string): CacheStatus {
  if (x.result === 'refused') return { kind: 'own', detail }
  if (x.result === 'hit' || x.result === 'stale') return { kind: 'hit', detail }
  return { kind: 'forwarded', reason: x.reason, detail }
}

/** Ends an exchange for which the origin, or the edge itself, failed. */
export function fail(edge: Edge, x: Exchange, error: EdgeError): void {
  reportFailure(edge, x, error)
  failReported(edge, x, error)
}

/** The same for a failure that is counted and logged already. */
export function failReported(edge: Edge, x: Exchange, error: Pick<EdgeError, 'code' | 'status'>): void {
  x.result = 'error'
  x.detail = error.code
  const { state } = x.responder
  if (state === 'open') {
    const why = failure(error.code, error.status)
    // An unread rest of the request body would be taken for the next request.
    refuse(edge, x, x.upload === undefined ? why : { ...why, close: true })
  } else if (state === 'streaming') x.responder.abort()
}

/** Counts and logs a failure; once, where it ends. */
export function reportFailure(edge: Edge, x: Exchange, error: EdgeError): void {
  if (error.source === 'origin') edge.counters.originErrors += 1
  const details = {
    code: error.code,
    site: x.site?.name,
    origin: x.originUrl,
    target: cutText(shownTarget(x.target, edge.config.log)),
    cause: error.message,
    trace: traceIdOf(x.fields),
  }
  if (error.source === 'client') edge.log.debug(details, 'client failed')
  else edge.log.warn(details, `${error.source} failed`)
}

/** What still flows of an answer. */
export interface Flow {
  stop(): void
}

/** To be called after the answer was begun, with what still flows of it: settles the exchange now, or when its answer ends. */
export function conclude(edge: Edge, x: Exchange, flow?: Flow): void {
  const { state } = x.responder
  if (state === 'ended' || state === 'gone') {
    flow?.stop()
    return finish(edge, x, state === 'ended')
  }
  x.responder.onEnd = completed => {
    flow?.stop()
    finish(edge, x, completed)
  }
}

/** Once per exchange, whoever notices first that it is over. */
export function finish(edge: Edge, x: Exchange, completed: boolean): void {
  if (x.isFinished) return
  x.isFinished = true
  count(edge.counters, x, completed)
  edge.meter?.count(x, completed)
  edge.tap?.offer(x, completed)
  if (edge.accessLog !== undefined) edge.accessLog.write(x, completed, performance.now())
  noteIdle(edge)
}

/** Its connection is a WebSocket now: as a request it is over. Its line in the log is that of the WebSocket. */
export function countSwitched(edge: Edge, x: Exchange): void {
  x.isFinished = true
  edge.counters.webSockets += 1
  count(edge.counters, x, true)
  edge.meter?.count(x, true)
}

/** A WebSocket is over: `completed` when one of its ends said so. */
export function logSwitched(edge: Edge, x: Exchange, moved: Moved, completed: boolean): void {
  if (edge.accessLog !== undefined) edge.accessLog.write(x, completed, performance.now(), moved)
  noteIdle(edge)
}

/** Nothing is in progress. */
export function isIdle({ counters, webSockets, replay }: Edge): boolean {
  return counters.active === 0 && webSockets.size === 0 && replay?.isSending !== true
}

function noteIdle(edge: Edge): void {
  if (edge.isDraining && isIdle(edge)) edge.onIdle?.()
}
