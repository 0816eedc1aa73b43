// The conditions of a request (RFC 9110 13), answered by what is stored or by what has just come.
import { EntryFlag, type ResponseEntry } from './cache/entry.js'
import { conclude, refuse } from './conclude.js'
import { datedAsStored } from './dated.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { codedTag, takesCoding } from './http/content-codings.js'
import { combinedValue, type Fields, firstValue } from './http/fields.js'
import { dateValueMs } from './http/freshness.js'
import { ifRangeHolds } from './http/ranges.js'
import { type ConditionsInput, isNotModified, preconditionFailed } from './http/validators.js'
import { notModifiedTail } from './respond/assemble.js'
import { refusals } from './respond/refuse.js'

/** What a response's conditions are judged by. */
export type Conditioned = Pick<ResponseEntry, 'etag' | 'lastModified' | 'received' | 'storedAtMs'>

/** Answers the client's conditions with 304 or 412 (RFC 9110 13.2.2); false when they ask for the response itself. */
export function answerConditions(edge: Edge, x: Exchange, entry: ResponseEntry, tail: string): boolean {
  if (!isConditional(x) || entry.status !== 200) return false
  const outcome = judgeConditions(x, entry)
  const isCompressible = (entry.flags & EntryFlag.compressible) !== 0
  const tag = outcome === 200 && isCompressible ? tagOfOtherForm(x, entry.etag) : undefined
  if (outcome === 200 && tag === undefined) return false
  if (outcome === 412) refuse(edge, x, refusals.precondition)
  else {
    x.status = 304
    const head = entry.block.subarray(0, entry.notModifiedBytes)
    const block = tag === undefined ? head : retagged(head, tag)
    const told = { status: 304, block, tail: notModifiedTail(edge.config.cdnId, tail) }
    x.responder.sendHead(datedAsStored(x, told, entry), undefined)
    conclude(edge, x)
  }
  return true
}

/** RFC 9110 13.2.2: If-Match and its kin first. They hold for a 200 only. */
export function judgeConditions(x: Exchange, stored: Conditioned): 200 | 304 | 412 {
  if (!isConditional(x)) return 200
  const input = new LazyConditions(x, stored)
  if ((x.marks & Mark.precondition) !== 0 && preconditionFailed(input)) return 412
  return (x.marks & Mark.conditional) !== 0 && isNotModified(input) ? 304 : 200
}

export function isConditional({ marks }: Exchange): boolean {
  return (marks & (Mark.conditional | Mark.precondition)) !== 0
}

/**
 * Each is read out of the record when it is asked for, which most are not. A class: for every object literal with getters V8
 * makes a shape of its own, which holds what they see until the next full collection.
 */
class LazyConditions implements ConditionsInput {
  readonly requestFields: Fields
  readonly now: number
  readonly #stored: Conditioned

  constructor({ fields, nowMs }: Exchange, stored: Conditioned) {
    this.requestFields = fields
    this.now = nowMs
    this.#stored = stored
  }

  get etag(): string {
    return this.#stored.etag
  }

  get lastModified(): string {
    return this.#stored.lastModified
  }

  /** RFC 9111 4.3.2: without Last-Modified its Date is what If-Modified-Since is compared with. */
  get dateMs(): number {
    return dateValueMs(this.#stored.received, this.#stored.storedAtMs)
  }
}

/** RFC 9110 13.1.5: with If-Range only while the validator is still that of the response. */
export function rangeCounts(x: Exchange, stored: Conditioned): boolean {
  const ifRange = firstValue(x.fields, 'if-range')
  if (ifRange === undefined) return true
  const { etag, lastModified, received, storedAtMs } = stored
  const dateMs = dateValueMs(received, storedAtMs)
  return ifRangeHolds({ ifRange, etag, lastModified, dateMs, now: x.nowMs })
}

/** The tag of a compressed form that the client has, and takes still, though it cannot be served at this moment. */
export function tagOfOtherForm(x: Exchange, etag: string): string | undefined {
  if (etag === '' || combinedValue(x.fields, 'if-none-match') === undefined) return undefined
  return ['br', 'zstd', 'gzip']
    .map(coding => (takesCoding(x.acceptEncoding, coding) ? codedTag(etag, coding) : etag))
    .find(tag => {
      const input = { requestFields: x.fields, etag: tag, lastModified: '', now: x.nowMs }
      return tag !== etag && isNotModified(input)
    })
}

/** The head of a 304 about another form: with its tag. */
export function retagged(head: Buffer, tag: string): Buffer {
  return Buffer.from(
    head.toString('latin1').replace(/^etag:.*$/im, () => `ETag: ${tag}`),
    'latin1',
  )
}
