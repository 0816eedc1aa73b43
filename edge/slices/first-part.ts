// What the origin says when others may use its answer too, and perhaps only in blocks: to the first question for a part of
// an object that is not stored, and to one for a whole that is too long to be kept as one. All else is relay.ts's.
import { forget, keep, makeEntry } from '../cache/admit.js'
import { mustForget } from '../cache/affect.js'
import { type Answer, describe, promisedBytes } from '../cache/answer.js'
import { isForAll } from '../cache/decide.js'
import type { ResponseEntry } from '../cache/entry.js'
import { variantOf } from '../cache/identify.js'
import { blockIndex, isBeyondSlices, newSliceMap, type SliceMap } from '../cache/slices.js'
import { deliver } from '../deliver.js'
import type { Edge } from '../edge.js'
import type { EdgeError } from '../error.js'
import type { Exchange } from '../exchange.js'
import type { AnswerHandler } from '../fetch/answer-handler.js'
import type { KnownAnswer } from '../fetch/known-answer.js'
import type { Outlet } from '../fetch/outlet.js'
import { cacheStatus } from '../http/cache-status.js'
import { fieldsOfWhole, readPart } from '../http/content-range.js'
import { combinedValue, type Fields } from '../http/fields.js'
import type { SharedPlan } from '../plan.js'
import type { Relay } from '../relay.js'
import type { ComingBlock } from './coming-block.js'
import { isOfSameState, slicedObject, strongValidator } from './object.js'

export class FirstPart implements AnswerHandler {
  readonly #edge: Edge
  readonly #x: Exchange
  readonly #plan: SharedPlan
  readonly #relay: Relay
  /** All that follows of the answer is this block. */
  #block: ComingBlock | undefined

  constructor(edge: Edge, x: Exchange, plan: SharedPlan, relay: Relay) {
    this.#edge = edge
    this.#x = x
    this.#plan = plan
    this.#relay = relay
  }

  /** What is known never to be stored is in no blocks either. */
  onKnownHead(known: KnownAnswer): boolean {
    return this.#relay.onKnownHead(known)
  }

  onHead(status: number, fields: Fields): void {
    const { slice } = this.#plan
    if (status === 206 && slice !== undefined) return this.#onPart(fields)
    // What is asked for lies behind the end: the client's own question is answered best by the origin.
    if (status === 416 && slice !== undefined) return this.#askAlone(0)
    if (status === 200 && this.#isTooLong(fields)) {
      const answer = this.#relay.weigh(status, fields)
      const head = this.#headInBlocks(answer, promisedBytes(fields)!)
      if (head !== undefined && acceptsRanges(fields)) {
        this.#relay.leave(false)
        return this.#share(answer, head, status)
      }
    }
    this.#relay.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    return (this.#block ?? this.#relay).onBody(chunk)
  }

  get outlet(): Outlet | undefined {
    return this.#block === undefined ? this.#relay.outlet : undefined
  }

  onEnd(): void {
    ;(this.#block ?? this.#relay).onEnd()
  }

  onError(error: EdgeError): void {
    ;(this.#block ?? this.#relay).onError(error)
  }

  #onPart(fields: Fields): void {
    const part = readPart(fields, this.#plan.slice!)
    const { unsharedMs } = this.#x.site!.config.cache
    if (part.kind === 'useless') return this.#askAlone(unsharedMs)
    const { size, range } = part
    const whole = fieldsOfWhole(fields, size)
    if (range.first === 0 && range.last === size - 1) return this.#relay.onHead(200, whole)
    const answer = this.#relay.weigh(200, whole)
    const head = this.#headInBlocks(answer, size)
    if (head === undefined) {
      if (mustForget(answer) && this.#x.storedKey !== '') void forget(this.#edge.admission, this.#x.storedKey)
      return this.#askAlone(unsharedMs)
    }
    const object = slicedObject(this.#edge, this.#x, head)
    this.#block = this.#edge.slices.expect(object, blockIndex(object.map, range.first))
    this.#block.adopt(this.#relay.sending!, fields, this.#relay.asked)
    this.#share(answer, head, 206)
  }

  /** Undefined when it is not to be stored, or cannot be put together of parts (RFC 9111 3.4). */
  #headInBlocks(answer: Answer, size: number): ResponseEntry | undefined {
    if (!answer.verdict.store || isBeyondSlices(size)) return undefined
    const { sliceBytes } = this.#edge.config.cache
    const head = makeEntry(answer, newSliceMap(size, sliceBytes), this.#edge.config.cdnId)
    if (strongValidator(head) === undefined) return undefined
    const known = this.#knownMap(head, size)
    return known === undefined ? head : makeEntry(answer, known, this.#edge.config.cdnId)
  }

  /** An origin may send a part although nothing has changed: then the blocks that are stored go on. */
  #knownMap(head: ResponseEntry, size: number): SliceMap | undefined {
    const { stored } = this.#plan
    if (stored?.slices === undefined) return undefined
    return isOfSameState({ head: stored, map: stored.slices }, head.received, size)
      ? stored.slices
      : undefined
  }

  /** The head is stored, and all who wait go on with it, each for its own blocks. */
  #share(answer: Answer, head: ResponseEntry, forwardStatus: number): void {
    const x = this.#x
    const { flight } = this.#plan
    const stored = keep(this.#edge.admission, x, answer, head.content)
    if (isForAll(x, head, () => head, answer.receivedMs)) {
      const variant = variantOf(describe(answer).varyNames, x)
      flight?.share({ kind: 'stored', variant, entry: head, detail: undefined })
    } else flight?.release(false)
    void stored.then(() => flight?.end())
    this.#relay.settle(false)
    if (x.responder.state !== 'open') return
    if (this.#edge.isDraining) x.responder.closeAfter = true
    x.responder.onEnd = undefined
    x.nowMs = answer.receivedMs
    const status = { kind: 'forwarded', reason: x.reason, forwardStatus, stored: true } as const
    const said = cacheStatus(this.#edge.config.cdnId, {
      ...status,
      collapsed: x.followed === undefined ? undefined : 'tried',
    })
    deliver(this.#edge, x, head, said)
  }

  /** Parts of this are no use to others: who wants some asks for just those, for so long. */
  #askAlone(forMs: number): void {
    const x = this.#x
    if (forMs > 0) this.#edge.slices.noteUseless(x.key, forMs)
    this.#relay.leave(true)
    this.#plan.flight?.release(false)
    if (x.responder.state !== 'open') return
    x.responder.onEnd = undefined
    this.#edge.askAlone(this.#edge, x)
  }

  #isTooLong(fields: Fields): boolean {
    return (promisedBytes(fields) ?? 0) > this.#edge.admission.objectBytesMax
  }
}

/** RFC 9110 14.3. */
function acceptsRanges(fields: Fields): boolean {
  return combinedValue(fields, 'accept-ranges')?.trim().toLowerCase() === 'bytes'
}
