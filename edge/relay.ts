// One answer of an origin on its way: weighed for the cache, streamed to the client with backpressure, collected for
// the store while it passes. Both sides may fail or leave at any moment; each event is answered here.
import { askedNow, unasked } from './asked-at.js'
import { begin } from './begin.js'
import { weighFor } from './cache/admit.js'
import { affectStore } from './cache/affect.js'
import { type Answer, isAboutStored } from './cache/answer.js'
import type { ResponseEntry } from './cache/entry.js'
import type { Fill } from './cache/fill.js'
import { variantOf } from './cache/identify.js'
import { partBody } from './cache/part-body.js'
import { isThere } from './cache/store.js'
import { fail, finish, reportFailure } from './conclude.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import type { Exchange } from './exchange.js'
import type { AnswerHandler } from './fetch/answer-handler.js'
import { type Asking, ask } from './fetch/ask.js'
import type { Flight } from './fetch/collapse.js'
import type { AnswerShape, KnownAnswer } from './fetch/known-answer.js'
import { unasked304 } from './fetch/origin-error.js'
import type { Outlet } from './fetch/outlet.js'
import { cacheStatus } from './http/cache-status.js'
import type { Fields } from './http/fields.js'
import { freshen } from './http/freshen.js'
import { isStaleIfErrorStatus } from './http/stale.js'
import { PassCoder, passCoded, passCoding } from './pass-coder.js'
import { learnPassage, passageOf, passKnown } from './pass-known.js'
import { type Plan, type SharedPlan, wantedBy } from './plan.js'
import { renew } from './renew.js'
import { Pour } from './respond/pour.js'
import { type Failure, mayServeStale, serveStale } from './serve-stale.js'
import { share } from './share.js'
import { type WholeAnswer, wholeAnswer } from './whole-answer.js'

export class Relay implements AnswerHandler {
  readonly #edge: Edge
  readonly #x: Exchange
  #plan: Plan
  sending: Asking | undefined
  #fill: Fill | undefined
  /** The client reads the fill like all who follow, or waits until it is whole. */
  #pour: Pour | undefined
  #whole: WholeAnswer | undefined
  #coder: PassCoder | undefined
  asked = unasked
  #hasHead = false
  #unknownShape: AnswerShape | undefined
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

  /** Before the accepting call returns. `handler` hears of the answer in place of this, and tells it. */
  start(handler: AnswerHandler = this): void {
    const { responder } = this.#x
    this.asked = askedNow(this.#edge)
    responder.onEnd = completed => this.#clientEnded(completed)
    responder.onDrain = () => (this.#coder === undefined ? this.sending?.resume() : this.#coder.resume())
    this.sending = ask(this.#x, wantedBy(this.#plan), this.#edge.config.cdnId, handler)
  }

  onKnownHead(known: KnownAnswer): boolean {
    const passage = passageOf(this.#x, this.#plan, known.shape)
    if (passage === 'unknown') this.#unknownShape = known.shape
    if (passage === undefined || passage === 'unknown') return false
    this.#hasHead = true
    this.#flight?.release(true)
    passKnown(this.#edge, this.#x, known, passage, this.#plan.kind, this.asked.sentMs)
    this.#leaveIfUseless()
    return true
  }

  onHead(status: number, fields: Fields): void {
    this.#hasHead = true
    if (this.#edge.isDraining) this.#x.responder.closeAfter = true
    const answer = this.weigh(status, fields)
    if (this.#unknownShape !== undefined) learnPassage(this.#unknownShape, this.#x.site!, answer)
    if (this.#plan.kind === 'shared' && status === 304) return this.#notModified(this.#plan.stored, fields)
    if (isStaleIfErrorStatus(status)) {
      if (this.#useStale('error', `status-${status}`, status)) return this.sending?.abort()
      this.settle(true)
    }
    this.#fill = affectStore(this.#edge.admission, this.#x, this.#plan.kind, answer, this.#flight?.isAwaited)
    const said = { isShared: this.#plan.kind === 'shared', isStored: this.#fill !== undefined }
    if (said.isStored && said.isShared) this.#whole = wholeAnswer(this.#edge, this.#x, answer, said)
    if (this.#fill !== undefined)
      this.#fill.onRoom = () => {
        this.sending?.resume()
        this.#leaveIfUseless()
      }
    share(this.#edge, this.#x, answer, { flight: this.#flight, fill: this.#fill, whole: this.#whole })
    if (this.#whole !== undefined) return
    const coding = this.#fill === undefined ? passCoding(this.#edge, this.#x, answer) : undefined
    const begun = begin(this.#edge, this.#x, coding === undefined ? answer : passCoded(answer, coding), said)
    if (coding !== undefined && this.#x.responder.state === 'streaming')
      this.#coder = new PassCoder(coding, this.#edge, this.#x.responder, () => this.sending?.resume())
    this.#isBodyUnwanted = begun === 'unwanted'
    if (this.#fill !== undefined && this.#x.responder.state === 'streaming') {
      this.#pour = new Pour(partBody(this.#fill, begun), this.#x.responder)
      this.#pour.start()
    }
    this.#leaveIfUseless()
  }

  onBody(chunk: Buffer): boolean {
    const fill = this.#fill
    if (fill === undefined) return this.#pass(chunk)
    const own = Buffer.from(chunk)
    this.#whole?.add(own)
    const mayGoOn = fill.add(own)
    if (!fill.isOpen) this.#flight?.outgrow()
    if (!fill.isWanted) this.#leaveIfUseless()
    return mayGoOn
  }

  /** Nobody here has to see the body. */
  get outlet(): Outlet | undefined {
    const isSeen = this.#fill !== undefined || this.#coder !== undefined
    return isSeen ? undefined : this.#x.responder.outlet
  }

  #pass(chunk: Buffer): boolean {
    const { responder } = this.#x
    if (responder.state === 'streaming') return (this.#coder ?? responder).write(chunk)
    this.#leaveIfUseless()
    return true
  }

  onEnd(): void {
    if (this.#whole === undefined && this.#pour === undefined) (this.#coder ?? this.#x.responder).end()
    this.#whole?.deliver()
    // That of a 304 ends when the new head is stored.
    if (this.#x.result !== 'revalidated' && this.#fill !== undefined) void this.#store(this.#fill.complete())
    this.settle(false)
  }

  onError(error: EdgeError): void {
    this.#pour?.stop()
    this.#coder?.stop()
    this.#fill?.discard()
    const { state } = this.#x.responder
    if (error.source === 'origin' && state === 'open' && this.#useStale('disconnected', error.code)) {
      return reportFailure(this.#edge, this.#x, error)
    }
    this.#flight?.fail(error)
    const isBehind = this.#onSettled !== undefined
    this.settle(true)
    // Else the client is served or gone; what failed was only the rest of a fill.
    if (state === 'open' || state === 'streaming') fail(this.#edge, this.#x, error)
    else if (isBehind) reportFailure(this.#edge, this.#x, error)
  }

  /** Serves what is stored when the origin fails, if that may be; else false. */
  #useStale(failure: Failure, detail: string, forwardStatus?: number): boolean {
    const x = this.#x
    const { stored, reason } = this.#plan
    const nowMs = Date.now()
    if (!mayServeStale(this.#edge, x, stored, failure, nowMs)) return false
    this.#edge.pauses.note(x.storedKey, failure, nowMs, x.site!.config.cache.refreshFailMs)
    this.settle(true)
    this.#flight?.share({ kind: 'stored', variant: variantOf(stored.varyNames, x), entry: stored, detail })
    this.#flight?.end()
    serveStale(this.#edge, x, stored, { reason, detail, forwardStatus }, nowMs)
    return true
  }

  get #flight(): Flight | undefined {
    return this.#plan.kind === 'shared' ? this.#plan.flight : undefined
  }

  /** Who comes before it is stored shares it still. */
  async #store(stored: Promise<void> | undefined): Promise<void> {
    await stored
    this.#flight?.lookAll()
    this.#whole?.stored()
  }

  /** Nothing more of this answer is wanted. */
  leave(hasFailed: boolean): void {
    this.sending?.abort()
    this.settle(hasFailed)
  }

  settle(hasFailed: boolean): void {
    const settled = this.#onSettled
    this.#onSettled = undefined
    settled?.(hasFailed)
  }

  weigh(status: number, fields: Fields): Answer {
    return weighFor(this.#x, this.asked, status, fields)
  }

  /** A 304 for something else than what is stored is worth nothing to us, nor is one that nobody asked for. */
  #notModified(stored: ResponseEntry | undefined, fields: Fields): void {
    if (stored === undefined) {
      this.sending?.abort()
      return this.onError(unasked304(this.#x.originUrl))
    }
    const isStored = isThere(this.#edge.store, stored)
    if (isStored && isAboutStored(stored, fields)) return this.#revalidated(stored, fields)
    this.#plan = { ...this.#plan, stored: undefined } as SharedPlan
    this.#hasHead = false
    this.asked = askedNow(this.#edge)
    this.sending?.askUnconditionally()
  }

  #revalidated(stored: ResponseEntry, fields: Fields): void {
    const [edge, x] = [this.#edge, this.#x]
    x.result = 'revalidated'
    const answer = this.weigh(stored.status, freshen(stored.received, fields))
    const { merged, written } = renew(edge, x, stored, answer, this.#flight)
    if (written !== undefined) void this.#store(written)
    const { reason } = this.#plan
    const status = { kind: 'forwarded', reason, forwardStatus: 304, stored: answer.verdict.store } as const
    this.settle(false)
    if (x.responder.state !== 'open') return
    x.responder.onEnd = undefined
    x.nowMs = answer.receivedMs
    deliver(edge, x, merged, cacheStatus(edge.config.cdnId, status))
  }

  #clientEnded(completed: boolean): void {
    this.#pour?.stop()
    this.#coder?.stop()
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
    if (mayStillStore || this.#fill?.isWanted) return this.sending?.resume()
    this.sending?.abort()
    this.#flight?.lookAll()
  }
}
