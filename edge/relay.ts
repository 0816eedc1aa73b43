// One answer of an origin on its way: weighed for the cache, streamed to the client with backpressure, collected for
// the store while it passes. Both sides may fail or leave at any moment; each event is answered here.

import { type Fill, forget, keep, makeRecord } from './cache/admit.js'
import { affectStore } from './cache/affect.js'
import { type Answer, isAboutStored, promisedBytes, weigh } from './cache/answer.js'
import type { PassReason } from './cache/decide.js'
import { decodeEntry, type ResponseEntry } from './cache/entry.js'
import { mayUseStale } from './cache/stale-use.js'
import { deliver, fail, finish, judgeConditions, refuse, reportFailure } from './conclude.js'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import type { Exchange } from './exchange.js'
import { type Asking, ask, type Wanted } from './fetch/ask.js'
import { unasked304 } from './fetch/origin-error.js'
import type { AnswerHandler } from './fetch/send.js'
import { cacheStatus } from './http/cache-status.js'
import { type Fields, firstValue } from './http/fields.js'
import { freshen } from './http/freshen.js'
import { isStaleIfErrorStatus } from './http/stale.js'
import { mayHaveBody } from './http/status.js'
import { originConditions } from './http/validators.js'
import { streamedHead } from './respond/assemble.js'
import { refusals } from './respond/refuse.js'

/** `alone`: for this client only. `shared`: may be stored; `stored` is what a 304 would freshen. */
export type Plan =
  | { kind: 'alone'; reason: PassReason }
  | { kind: 'shared'; reason: 'uri-miss' | 'vary-miss' | 'stale'; stored: ResponseEntry | undefined }

export class Relay implements AnswerHandler {
  readonly #edge: Edge
  readonly #x: Exchange
  #plan: Plan
  #sending: Asking | undefined
  #fill: Fill | undefined
  #sentMs = 0
  #hasHead = false
  /** The client was answered without the body that is coming. */
  #isBodyUnwanted = false
  #onSettled: ((hasFailed: boolean) => void) | undefined

  /** `onSettled` is told once whether what was wanted came: for who waits for no answer. */
  constructor(edge: Edge, x: Exchange, plan: Plan, onSettled?: (hasFailed: boolean) => void) {
    this.#edge = edge
    this.#x = x
    this.#plan = plan
    this.#onSettled = onSettled
  }

  /** Before the accepting call returns. */
  start(): void {
    const { responder } = this.#x
    this.#edge.counters.originRequests += 1
    this.#sentMs = Date.now()
    responder.onEnd = completed => this.#clientEnded(completed)
    responder.onDrain = () => this.#sending?.resume()
    this.#sending = ask(this.#x, this.#wanted(), this.#edge.config.cdnId, this)
  }

  onHead(status: number, fields: Fields): void {
    this.#hasHead = true
    if (this.#edge.isDraining) this.#x.responder.closeAfter = true
    const answer = this.#weigh(status, fields)
    if (this.#plan.kind === 'shared' && status === 304) return this.#notModified(this.#plan.stored, fields)
    if (isStaleIfErrorStatus(status)) {
      if (this.#useStale('error', `status-${status}`)) return this.#sending?.abort()
      this.#settle(true)
    }
    this.#fill = affectStore(this.#edge.admission, this.#x, this.#plan.kind, answer)
    this.#sendHead(answer)
    this.#leaveIfUseless()
  }

  onBody(chunk: Buffer): boolean {
    this.#fill?.add(chunk)
    const { responder } = this.#x
    if (responder.state === 'streaming') return responder.write(chunk)
    this.#leaveIfUseless()
    return true
  }

  onEnd(): void {
    this.#x.responder.end()
    if (this.#fill !== undefined) void this.#fill.complete()
    this.#settle(false)
  }

  onError(error: EdgeError): void {
    this.#fill?.discard()
    const { state } = this.#x.responder
    // The client is served or gone; what failed was only the rest of a fill.
    if (state === 'ended' || state === 'gone') {
      if (this.#onSettled !== undefined) reportFailure(this.#edge, this.#x, error)
      return this.#settle(true)
    }
    if (error.source === 'origin' && this.#useStale('disconnected', error.code)) {
      return reportFailure(this.#edge, this.#x, error)
    }
    fail(this.#edge, this.#x, error)
  }

  /** Serves what is stored when the origin fails, if that may be (RFC 5861 4, RFC 9111 4.2.4); else false. */
  #useStale(situation: 'error' | 'disconnected', detail: string): boolean {
    const x = this.#x
    const stored = this.#plan.kind === 'shared' ? this.#plan.stored : undefined
    if (stored === undefined) return false
    const nowMs = Date.now()
    if (!mayUseStale(stored, situation, x.site!.rules, x.target, nowMs)) return false
    this.#settle(true)
    if (x.responder.state !== 'open') return true
    x.result = 'stale'
    x.detail = detail
    x.nowMs = nowMs
    x.responder.onEnd = undefined
    const ttlSeconds = Math.floor((stored.freshUntilMs - nowMs) / 1000)
    const status = { kind: 'forwarded', reason: 'stale', ttlSeconds, detail } as const
    deliver(this.#edge, x, stored, cacheStatus(this.#edge.config.cdnId, status))
    return true
  }

  #settle(hasFailed: boolean): void {
    const settled = this.#onSettled
    this.#onSettled = undefined
    settled?.(hasFailed)
  }

  #wanted(): Wanted {
    if (this.#plan.kind === 'alone') return { kind: 'asAsked' }
    const { stored } = this.#plan
    return { kind: 'whole', conditions: stored === undefined ? [] : originConditions(stored) }
  }

  #weigh(status: number, fields: Fields): Answer {
    const { method, target, fields: requestFields, site } = this.#x
    const request = { method, target, fields: requestFields, sentMs: this.#sentMs }
    return weigh(status, fields, request, Date.now(), site!.rules)
  }

  #sendHead(answer: Answer): void {
    const { responder, method } = this.#x
    const head = streamedHead({
      ...answer,
      identity: this.#edge.config.cdnId,
      cacheStatus: this.#cacheStatus(answer),
    })
    this.#x.status = answer.status
    const outcome = this.#judgeConditions(answer)
    this.#isBodyUnwanted = outcome !== 200
    if (outcome === 412) return refuse(this.#edge, this.#x, refusals.precondition)
    if (outcome === 304) {
      this.#x.status = 304
      responder.sendHead({ ...head, status: 304 }, undefined)
    } else if (!mayHaveBody(answer.status)) responder.sendHead(head, undefined)
    else if (method === 'HEAD') responder.sendHead(head, promisedBytes(answer.fields))
    else responder.open(head, promisedBytes(answer.fields))
  }

  /** The client's own conditions were kept back to get the whole; they are answered here (RFC 9110 13.2.2). */
  #judgeConditions(answer: Answer): 200 | 304 | 412 {
    if (this.#plan.kind !== 'shared' || answer.status !== 200) return 200
    return judgeConditions(this.#x, {
      etag: firstValue(answer.fields, 'etag') ?? '',
      lastModified: firstValue(answer.fields, 'last-modified') ?? '',
    })
  }

  #cacheStatus(answer: Answer): string {
    const isShared = this.#plan.kind === 'shared'
    const refused = isShared && !answer.verdict.store ? answer.verdict.reason : undefined
    this.#x.detail = refused ?? ''
    return cacheStatus(this.#edge.config.cdnId, {
      kind: 'forwarded',
      reason: this.#plan.reason,
      forwardStatus: answer.status,
      stored: this.#fill !== undefined,
      detail: refused,
    })
  }

  /** A 304 for something else than what is stored is worth nothing to us, nor is one that nobody asked for. */
  #notModified(stored: ResponseEntry | undefined, fields: Fields): void {
    if (stored === undefined) {
      this.#sending?.abort()
      return this.onError(unasked304(this.#x.originUrl))
    }
    if (isAboutStored(stored, fields)) return this.#revalidated(stored, fields)
    this.#plan = { kind: 'shared', reason: 'stale', stored: undefined }
    this.#hasHead = false
    this.#edge.counters.originRequests += 1
    this.#sentMs = Date.now()
    this.#sending?.askUnconditionally()
  }

  /** RFC 9111 4.3.4: the stored body goes on with the new metadata; only the head is written again. */
  #revalidated(stored: ResponseEntry, fields: Fields): void {
    const x = this.#x
    const { admission, config } = this.#edge
    x.result = 'revalidated'
    const answer = this.#weigh(stored.status, freshen(stored.received, fields))
    if (answer.verdict.store) void keep(admission, x, answer, stored.body)
    else void forget(admission, x.storedKey)
    const merged = decodeEntry(makeRecord(answer, stored.body, config.cdnId))
    if (merged?.kind !== 'response') throw new Error('a record just made cannot be read')
    const status = {
      kind: 'forwarded',
      reason: 'stale',
      forwardStatus: 304,
      stored: answer.verdict.store,
    } as const
    this.#settle(false)
    if (x.responder.state !== 'open') return
    x.responder.onEnd = undefined
    x.nowMs = answer.receivedMs
    deliver(this.#edge, x, merged, cacheStatus(config.cdnId, status))
  }

  #clientEnded(completed: boolean): void {
    finish(this.#edge, this.#x, completed)
    if (!completed) this.#leaveIfUseless()
  }

  /**
   * When nobody waits any more, a pass is cancelled; a fill goes on to its end, which is never far: its size is
   * bounded, and before the head is there it may turn out worth storing.
   */
  #leaveIfUseless(): void {
    if (this.#x.responder.state !== 'gone' && !this.#isBodyUnwanted) return
    const mayStillStore = this.#plan.kind === 'shared' && !this.#hasHead
    if (mayStillStore || this.#fill?.isOpen) this.#sending?.resume()
    else this.#sending?.abort()
  }
}
