// One block on its way from the origin, or from another worker that fetches it, into the store and to all who wait for it
// here.
import { type AskedAt, askedNow, unasked } from '../asked-at.js'
import { type Answer, describe, weigh } from '../cache/answer.js'
import type { Content } from '../cache/entry.js'
import { Fill } from '../cache/fill.js'
import { blockRange } from '../cache/slices.js'
import { reportFailure } from '../conclude.js'
import { EdgeError } from '../error.js'
import type { AnswerHandler } from '../fetch/answer-handler.js'
import { ask } from '../fetch/ask.js'
import type { Flight, Follower, RunningBody, Shared } from '../fetch/collapse.js'
import { badResponse } from '../fetch/origin-error.js'
import { readPart } from '../http/content-range.js'
import type { Fields } from '../http/fields.js'
import { combinedValue } from '../http/fields.js'
import { freshen } from '../http/freshen.js'
import type { ByteRange } from '../http/ranges.js'
import { isOfSameState, keyOfBlock, type SlicedObject, strongValidator } from './object.js'
import { storeBlock } from './store-block.js'

/** Who can be asked to go on, or not to. */
export type Controls = { resume(): void; abort(): void }

export class ComingBlock implements AnswerHandler, Follower {
  /** From its first byte on, once there is one to come. */
  body: RunningBody | undefined
  /** Why nothing comes. */
  error: EdgeError | undefined
  /** Nothing more is to come this way: the store has it, or `error` says why not. */
  isOver = false
  /** It is stored, as far as is known. */
  isKept = true
  readonly #object: SlicedObject
  readonly #range: ByteRange
  readonly #key: string
  readonly #onOver: () => void
  readonly #waiting = new Set<() => void>()
  #asked = unasked
  #flight: Flight | undefined
  #fill: Fill | undefined
  #sending: Controls | undefined
  #bytes = 0

  /** `onOver`: nobody else is to wait for it. */
  constructor(object: SlicedObject, index: number, onOver: () => void) {
    this.#object = object
    this.#range = blockRange(object.map, index)
    this.#key = keyOfBlock(object, index)
    this.#onOver = onOver
  }

  /** Calls `wake` whenever there is something new to know, until `forget`. */
  await(wake: () => void): void {
    this.#waiting.add(wake)
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake)
  }

  start(): void {
    const flight = this.#findFlight()
    if (flight?.isElsewhere && flight.join(this)) return
    this.#flight = flight?.isElsewhere ? undefined : flight
    this.#ask()
  }

  /** Its answer has come already: all that follows of it is told by the caller. */
  adopt(sending: Controls, fields: Fields, asked: AskedAt): void {
    const flight = this.#findFlight()
    this.#flight = flight?.isElsewhere ? undefined : flight
    this.#sending = sending
    this.#asked = asked
    this.#begin(fields)
  }

  onHead(status: number, fields: Fields): void {
    const part = status === 206 ? readPart(fields, this.#range) : undefined
    if (part?.kind === 'part' && isOfSameState(this.#object, fields, part.size)) return this.#begin(fields)
    this.#sending?.abort()
    const isChanged = part?.kind === 'part' || changedStatuses.has(status)
    if (!isChanged)
      return this.#fail(badResponse(`${status} ${part?.why ?? ''} to a range`.replace('  ', ' ')))
    this.#object.edge.slices.forget(this.#object)
    this.#fail(objectChanged(this.#object.asker.originUrl))
  }

  onBody(chunk: Buffer): boolean {
    this.#bytes += chunk.length
    if (this.#bytes > this.#range.last - this.#range.first + 1) {
      this.#sending?.abort()
      this.#fail(badResponse('a part is longer than its range'))
      return true
    }
    const mayGoOn = this.#fill!.add(Buffer.from(chunk))
    this.#leaveIfUseless()
    return mayGoOn
  }

  onEnd(): void {
    if (this.#bytes < this.#range.last - this.#range.first + 1) {
      return this.#fail(badResponse('a part is shorter than its range'))
    }
    void this.#fill!.complete().then(() => this.#over())
  }

  onError(error: EdgeError): void {
    this.#fail(error)
  }

  share(shared: Shared): void {
    if (shared.kind === 'filling') this.body = shared.fill
    this.#over()
  }

  release(): void {
    this.#ask()
  }

  retry(error: EdgeError): void {
    this.#fail(error)
  }

  look(): void {
    this.#object.edge.store.refresh?.([this.#key])
    this.#over()
  }

  /** RFC 9111 3.5: what comes for a client's credentials is not waited for. */
  #findFlight(): Flight | undefined {
    const { edge, asker } = this.#object
    const { collapse, admission } = edge
    if (!asker.site!.config.cache.collapse || combinedValue(asker.fields, 'authorization') !== undefined)
      return undefined
    const { invalidations, purges } = admission
    const site = asker.site!
    return (
      collapse.find(this.#key, site) ??
      collapse.lead(this.#key, site, invalidations.stamp(Date.now()), purges.applied)
    )
  }

  #ask(): void {
    const { edge, asker, head } = this.#object
    this.#asked = askedNow(edge)
    const conditions = ['If-Range', strongValidator(head)!]
    this.#sending = ask(asker, { kind: 'whole', conditions, range: this.#range }, edge.config.cdnId, this)
  }

  #begin(fields: Fields): void {
    const { edge, head } = this.#object
    const answer = this.#weigh(fields)
    const bytes = this.#range.last - this.#range.first + 1
    const isKept = answer.verdict.store && this.#isWorthKeeping()
    this.isKept = isKept
    const fill = new Fill({
      budget: edge.admission.fills,
      bodyBytesMax: isKept ? bytes : 0,
      bodies: edge.store.bodies,
      promised: bytes,
      keep: content => this.#keep(answer, content),
      onFailure: error => edge.admission.onFailure(error, this.#key),
    })
    fill.onRoom = () => {
      this.#sending?.resume()
      this.#leaveIfUseless()
    }
    this.#fill = fill
    this.body = fill
    if (isKept) this.#flight?.share({ kind: 'filling', variant: '', head: () => head, fill })
    else this.#flight?.release(false)
    this.#wakeAll()
  }

  /** When the cache is full: a block that several want, now or lately. */
  #isWorthKeeping(): boolean {
    const { edge, asker } = this.#object
    const { name, config } = asker.site!
    const { bytesMax } = config.cache
    if (bytesMax !== undefined && edge.admission.quotas?.isFull(name, bytesMax)) return false
    if (this.#waiting.size > 1 || this.#flight?.isAwaited === true) return true
    return edge.store.admits?.(this.#key, config.cache.admitAfter) !== false
  }

  /** As if it were the whole: what a part says beside If-Range is to be read with what is known. */
  #weigh(fields: Fields): Answer {
    const { asker, head } = this.#object
    const { scheme, target, authority, fields: requestFields, site } = asker
    const request = { scheme, method: 'GET', target, authority, fields: requestFields, ...this.#asked }
    return weigh(200, freshen(head.received, fields), request, Date.now(), site!.rules)
  }

  #keep(answer: Answer, content: Content): Promise<void> {
    const { edge, asker } = this.#object
    edge.admission.quotas?.add(asker.site!.name, content)
    return storeBlock(edge.admission, this.#key, { ...describe(answer), content })
  }

  #leaveIfUseless(): void {
    if (this.#fill?.isWanted !== false || this.#fill.isWhole) return
    this.#sending?.abort()
    this.#over()
  }

  #fail(error: EdgeError): void {
    if (this.isOver) return
    const { edge, asker } = this.#object
    this.error = error
    reportFailure(edge, asker, error)
    this.#fill?.discard()
    this.#flight?.fail(error)
    this.#over()
  }

  #over(): void {
    if (this.isOver) return
    this.isOver = true
    this.#onOver()
    this.#flight?.end()
    this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

/** RFC 9110 13.1.5: the answers of an origin that has something else by now, or nothing. */
const changedStatuses: ReadonlySet<number> = new Set([200, 404, 410, 412, 416])

/** The word for it: `isChanged` reads it. */
const changed = 'object-changed'

function objectChanged(url: string): EdgeError {
  return new EdgeError(changed, `${url} has another state of the object by now`, {
    source: 'origin',
    status: 502,
  })
}

export function isChanged(error: EdgeError | undefined): boolean {
  return error?.code === changed
}
