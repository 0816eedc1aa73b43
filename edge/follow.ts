// One request that does not ask the origin because another is asking already: it waits for what that one brings, reads
// the body at its own pace while it comes, and asks for itself when there is nothing for it. Who leads is relay.ts's.

import { performance } from 'node:perf_hooks'
import { answerConditions } from './answer-conditions.js'
import { decide, demandsOf } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import { variantOf } from './cache/identify.js'
import { partBody } from './cache/part-body.js'
import { candidateOf } from './cache/stale-use.js'
import { conclude, fail, finish } from './conclude.js'
import { datedAsStored } from './dated.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import { type Exchange, Mark } from './exchange.js'
import type { Flight, Follower, RunningBody, Shared } from './fetch/collapse.js'
import { fieldBytes } from './fetch/field-bytes.js'
import { cacheStatus } from './http/cache-status.js'
import { forbidsStale } from './http/client-directives.js'
import { mayHaveBody } from './http/status.js'
import { ageAndStatus } from './respond/assemble.js'
import { Pour } from './respond/pour.js'
import { headOfPart, type StoredPart, selectStored } from './stored-part.js'
import { ageMsOf } from './stored-tail.js'

/** Where a follower goes when the other's fetch was not for it. */
export interface Onward {
  /** To the origin, following nobody any more. */
  alone(): void
  /** To whoever leads now, or to lead. */
  again(): void
  /** To the store, where another worker may have put what it fetched. */
  look(): void
}

/** Fetches that may fail under a follower before it fails with them. */
const failuresMax = 2

/**
 * Waits for `flight`, at most `collapseWaitMs` in all; false when it cannot be followed. Before the accepting call
 * returns, or for one that has followed before.
 */
export function follow(edge: Edge, x: Exchange, flight: Flight, onward: Onward): boolean {
  return new Follow(edge, x, flight, onward).start()
}

/**
 * RFC 9111 4: one answer is used for several requests where a hit would use it for each. `isStale`: it is known to be,
 * and served since the origin fails; then only what the client itself demands counts, where its site honours that.
 */
function mayUse(x: Exchange, entry: ResponseEntry, isStale: boolean): boolean {
  const { method, marks, nowMs } = x
  const demands = demandsOf(x, x.site!.rules)
  if (!isStale) {
    const { kind } = decide(entry, { method, marks, hasBody: false, demands }, nowMs, x.site!.rules, x.target)
    return kind === 'fresh' || kind === 'stale'
  }
  return demands === undefined || !forbidsStale(demands, candidateOf(entry, nowMs))
}

class Follow implements Follower {
  readonly #edge: Edge
  readonly #x: Exchange
  readonly #flight: Flight
  readonly #onward: Onward
  readonly waitsForStored: boolean
  #timer: NodeJS.Timeout | undefined
  #pour: Pour | undefined

  constructor(edge: Edge, x: Exchange, flight: Flight, onward: Onward) {
    this.#edge = edge
    this.#x = x
    this.#flight = flight
    this.#onward = onward
    this.waitsForStored = x.image !== undefined
  }

  start(): boolean {
    const x = this.#x
    const { followed } = x
    const nowMs = performance.now()
    x.clientAddress ||= x.responder.clientAddress()
    const untilMs = nowMs + x.site!.config.cache.collapseWaitMs
    x.askFields ??= fieldBytes(x)
    x.followed ??= { untilMs, failures: 0 }
    x.responder.onEnd = completed => this.#ended(completed)
    this.#timer = setTimeout(
      () => this.#leaveFor(this.#onward.alone),
      Math.max(x.followed.untilMs - nowMs, 0),
    )
    if (this.#flight.join(this)) return true
    clearTimeout(this.#timer)
    x.followed = followed
    return false
  }

  share(shared: Shared): void {
    clearTimeout(this.#timer)
    const x = this.#x
    const entry = shared.kind === 'stored' ? shared.entry : shared.head()
    // RFC 9111 4.1: what came is selected by fields of which this request may have others.
    if (variantOf(entry.varyNames, x) !== shared.variant) return this.#onward.alone()
    x.nowMs = Date.now()
    const detail = shared.kind === 'stored' ? shared.detail : undefined
    if (!mayUse(x, entry, detail !== undefined)) return this.#onward.alone()
    x.result = 'collapsed'
    if (this.#edge.isDraining) x.responder.closeAfter = true
    x.detail = detail ?? ''
    const status = { kind: 'forwarded', reason: x.reason, collapsed: true, detail } as const
    const said = cacheStatus(this.#edge.config.cdnId, status)
    if (shared.kind === 'filling') return this.#begin(entry, shared.fill, said)
    x.responder.onEnd = undefined
    // Its forms are with it, where it is the only one of its URL.
    if (shared.variant === '') x.storedKey ||= x.key
    deliver(this.#edge, x, entry, said)
  }

  release(): void {
    this.#leaveFor(this.#onward.alone)
  }

  look(): void {
    this.#leaveFor(this.#onward.look)
  }

  retry(error: EdgeError): void {
    const { followed } = this.#x
    followed!.failures += 1
    if (followed!.failures < failuresMax) return this.#leaveFor(this.#onward.again)
    clearTimeout(this.#timer)
    fail(this.#edge, this.#x, error)
  }

  #begin(entry: ResponseEntry, fill: RunningBody, said: string): void {
    const edge = this.#edge
    const x = this.#x
    const { responder } = x
    const { status, block } = entry
    const tail = ageAndStatus(ageMsOf(entry, x.nowMs), said)
    if (answerConditions(edge, x, entry, tail)) return
    const head = datedAsStored(x, { status, block, tail }, entry)
    x.status = status
    if (!mayHaveBody(status) || x.method === 'HEAD') {
      responder.sendHead(head, mayHaveBody(status) ? fill.length : undefined)
      return conclude(edge, x)
    }
    const part = this.#partOf(entry, fill)
    if (part !== undefined) return this.#beginPart(entry, fill, part, tail)
    responder.open(head, fill.length)
    this.#pour = new Pour(fill, responder)
    this.#pour.start()
  }

  /** Several parts at once are not made of a body that is still coming. */
  #partOf(head: ResponseEntry, { length }: RunningBody): StoredPart | undefined {
    if ((this.#x.marks & Mark.range) === 0 || length === undefined) return undefined
    const part = selectStored(this.#x, head, length)
    return part?.kind === 'several' ? undefined : part
  }

  #beginPart(entry: ResponseEntry, fill: RunningBody, part: StoredPart, tail: string): void {
    const x = this.#x
    const head = headOfPart(this.#edge, x, entry, part, tail)
    x.status = head.status
    if (part.kind !== 'one') {
      x.responder.send(head, Buffer.alloc(0))
      return conclude(this.#edge, x)
    }
    const [range] = part.pieces
    x.responder.open(head, range.last - range.first + 1)
    this.#pour = new Pour(partBody(fill, range), x.responder)
    this.#pour.start()
  }

  #leaveFor(onward: () => void): void {
    clearTimeout(this.#timer)
    this.#flight.leave(this)
    this.#x.responder.onEnd = undefined
    onward()
  }

  #ended(completed: boolean): void {
    clearTimeout(this.#timer)
    this.#flight.leave(this)
    this.#pour?.stop()
    finish(this.#edge, this.#x, completed)
  }
}
