// How an exchange ends: with what is stored, with a refusal or a failure of our own, and in every case with one line
// in the log and one count, when the last byte was handed over or the client was lost.

import type { ResponseEntry } from './cache/entry.js'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import { type Exchange, Mark } from './exchange.js'
import { type CacheStatus, cacheStatus } from './http/cache-status.js'
import { combinedValue, firstValue } from './http/fields.js'
import { dateValueMs } from './http/freshness.js'
import { ifRangeHolds } from './http/ranges.js'
import { mayHaveBody } from './http/status.js'
import { type ConditionsInput, isNotModified, preconditionFailed } from './http/validators.js'
import { ageAndStatus, notModifiedTail, retypedBlock } from './respond/assemble.js'
import { selectPart } from './respond/part.js'
import type { Pour } from './respond/pour.js'
import { failure, type Refusal, refusalHead, refusals } from './respond/refuse.js'
import { sendBody } from './send-body.js'
import { count } from './usage/count.js'
import { cutText, logAccess, type Moved } from './usage/log.js'

/** Answers with a stored response; `status` is the Cache-Status, made here for a plain hit. Synchronous. */
export function deliver(edge: Edge, x: Exchange, entry: ResponseEntry, status: string | undefined): void {
  const { responder } = x
  if (status === undefined && x.result !== 'stale') x.result = 'hit'
  const tail =
    status === undefined ? hitTail(edge, entry, x.nowMs) : ageAndStatus(ageMsOf(entry, x.nowMs), status)
  if (answerConditions(edge, x, entry, tail)) return
  if ((x.marks & Mark.range) !== 0 && deliverPart(edge, x, entry, tail)) return
  x.status = entry.status
  const head = { status: entry.status, block: entry.block, tail }
  let pour: Pour | undefined
  if (!mayHaveBody(entry.status)) responder.sendHead(head, undefined)
  else if (x.method === 'HEAD') responder.sendHead(head, entry.bodyBytes)
  else pour = sendBody(edge, x, head, entry)
  conclude(edge, x, pour)
}

/** Answers the client's conditions with 304 or 412 (RFC 9110 13.2.2); false when they ask for the response itself. */
export function answerConditions(edge: Edge, x: Exchange, entry: ResponseEntry, tail: string): boolean {
  if ((x.marks & (Mark.conditional | Mark.precondition)) === 0 || entry.status !== 200) return false
  const outcome = judgeConditions(x, entry)
  if (outcome === 200) return false
  if (outcome === 412) refuse(edge, x, refusals.precondition)
  else {
    x.status = 304
    const block = entry.block.subarray(0, entry.notModifiedBytes)
    x.responder.sendHead({ status: 304, block, tail: notModifiedTail(edge.config.cdnId, tail) }, undefined)
    conclude(edge, x)
  }
  return true
}

/** Answers a Range (RFC 9110 14.2); false when the whole is the answer. */
function deliverPart(edge: Edge, x: Exchange, entry: ResponseEntry, tail: string): boolean {
  if (x.method !== 'GET' || entry.status !== 200 || !rangeCounts(x, entry)) return false
  const { received } = entry
  const contentType = firstValue(received, 'content-type') ?? ''
  const rules = x.site!.rules
  const rangeField = combinedValue(x.fields, 'range')
  const body = entry.isAtHand ? entry.body : undefined
  const part = selectPart(rangeField, entry.bodyBytes, contentType, rules.cache.rangesMax, body)
  const identity = edge.config.cdnId
  let pour: Pour | undefined
  x.status = part.kind === 'unsatisfiable' ? 416 : 206
  switch (part.kind) {
    case 'whole':
      return false
    case 'unsatisfiable': {
      const block = entry.block.subarray(0, entry.notModifiedBytes)
      const lines = `${notModifiedTail(identity, tail)}\r\n${part.line}`
      x.responder.send({ status: 416, block, tail: lines }, Buffer.alloc(0))
      break
    }
    case 'one': {
      const head = { status: 206, block: entry.block, tail: `${tail}\r\n${part.line}` }
      pour = sendBody(edge, x, head, entry, part.pieces)
      break
    }
    case 'several': {
      const block = retypedBlock(received, part.type, identity, rules.hidden, entry.storedAtMs)
      pour = sendBody(edge, x, { status: 206, block, tail }, entry, part.pieces)
      break
    }
  }
  conclude(edge, x, pour)
  return true
}

/** RFC 9110 13.1.5: with If-Range only while the validator is still that of the stored response. */
function rangeCounts(x: Exchange, entry: ResponseEntry): boolean {
  const ifRange = firstValue(x.fields, 'if-range')
  if (ifRange === undefined) return true
  const { etag, lastModified, received, storedAtMs } = entry
  const dateMs = dateValueMs(received, storedAtMs)
  return ifRangeHolds({ ifRange, etag, lastModified, dateMs, now: x.nowMs })
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

/** What a response's conditions are judged by. */
export type Conditioned = Pick<ResponseEntry, 'etag' | 'lastModified' | 'received' | 'storedAtMs'>

/** RFC 9110 13.2.2: If-Match and its kin first. They hold for a 200 only. */
export function judgeConditions(x: Exchange, stored: Conditioned): 200 | 304 | 412 {
  const input: ConditionsInput = {
    requestFields: x.fields,
    now: x.nowMs,
    // Each is read out of the record when it is asked for, which most are not.
    get etag() {
      return stored.etag
    },
    get lastModified() {
      return stored.lastModified
    },
    // RFC 9111 4.3.2: without Last-Modified its Date is what If-Modified-Since is compared with.
    get dateMs() {
      return dateValueMs(stored.received, stored.storedAtMs)
    },
  }
  if ((x.marks & Mark.precondition) !== 0 && preconditionFailed(input)) return 412
  return (x.marks & Mark.conditional) !== 0 && isNotModified(input) ? 304 : 200
}

/** Answers with a small complete response of our own. */
export function refuse(edge: Edge, x: Exchange, why: Refusal): void {
  const { responder } = x
  x.status = why.status
  x.detail = why.code
  const identity = edge.config.cdnId
  const tail = cacheStatus(identity, refusalStatus(x, why.code))
  const { head, body } = refusalHead(why, identity, tail)
  // The engine does not check chunk framing: what follows such a body may be part of it.
  if (why.close || edge.isDraining || x.framing.transferEncodings > 0) responder.closeAfter = true
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
  x.result = 'error'
  x.detail = error.code
  reportFailure(edge, x, error)
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
    target: cutText(x.target),
    cause: error.message,
  }
  if (error.source === 'client') edge.log.debug(details, 'client failed')
  else edge.log.warn(details, `${error.source} failed`)
}

/** To be called after the answer was begun, with what still flows of it: settles the exchange now, or when its answer ends. */
export function conclude(edge: Edge, x: Exchange, pour?: Pour): void {
  const { state } = x.responder
  if (state === 'ended' || state === 'gone') {
    pour?.stop()
    return finish(edge, x, state === 'ended')
  }
  x.responder.onEnd = completed => {
    pour?.stop()
    finish(edge, x, completed)
  }
}

/** Once per exchange, whoever notices first that it is over. */
export function finish(edge: Edge, x: Exchange, completed: boolean): void {
  if (x.isFinished) return
  x.isFinished = true
  count(edge.counters, x, completed)
  if (edge.accessLog !== undefined) logAccess(edge.accessLog, x, completed, performance.now())
  noteIdle(edge)
}

/** Its connection is a WebSocket now: as a request it is over. Its line in the log is that of the WebSocket. */
export function countSwitched(edge: Edge, x: Exchange): void {
  x.isFinished = true
  edge.counters.webSockets += 1
  count(edge.counters, x, true)
}

/** A WebSocket is over: `completed` when one of its ends said so. */
export function logSwitched(edge: Edge, x: Exchange, moved: Moved, completed: boolean): void {
  if (edge.accessLog !== undefined) logAccess(edge.accessLog, x, completed, performance.now(), moved)
  noteIdle(edge)
}

/** Nothing is in progress. */
export function isIdle({ counters, webSockets }: Edge): boolean {
  return counters.active === 0 && webSockets.size === 0
}

function noteIdle(edge: Edge): void {
  if (edge.isDraining && isIdle(edge)) edge.onIdle?.()
}
