// Begins to answer a client with what an origin has just said: head, conditions, Cache-Status. The body that follows is
// relay.ts's; what is stored is answered in conclude.ts.

import {
  type Conditioned,
  isConditional,
  judgeConditions,
  rangeCounts,
  retagged,
  tagOfOtherForm,
} from './answer-conditions.js'
import { type Answer, promisedBytes } from './cache/answer.js'
import { toldFields } from './cache/told.js'
import { refuse } from './conclude.js'
import { datedAsReceived } from './dated.js'
import type { Edge } from './edge.js'
import { type Exchange, Mark } from './exchange.js'
import { cacheStatus } from './http/cache-status.js'
import { combinedValue, type Fields, firstValue } from './http/fields.js'
import type { ByteRange } from './http/ranges.js'
import { mayHaveBody } from './http/status.js'
import { ageAndStatus, notModifiedTail, storedBlock, streamedHead } from './respond/assemble.js'
import { type Part, selectPart } from './respond/part.js'
import { refusals } from './respond/refuse.js'
import type { Head } from './respond/responder.js'

/** What else is to be said of the answer. */
export interface Beginning {
  /** It was asked for whole, for all: the client's own conditions were kept back and are answered here. */
  isShared: boolean
  isStored: boolean
}

/** What the client gets of the body that is coming; `unwanted`: nothing. */
export type Begun = 'all' | 'unwanted' | ByteRange

export function begin(edge: Edge, x: Exchange, answer: Answer, { isShared, isStored }: Beginning): Begun {
  const { responder, method } = x
  const { status, fields } = answer
  const said = saidOf(edge, x, answer, { isShared, isStored })
  const { freshness, ageMs, receivedMs, hidden } = answer
  const identity = edge.config.cdnId
  const streamed = streamedHead({
    status,
    fields: toldFields(fields, answer),
    freshness,
    ageMs,
    receivedMs,
    hidden,
    identity,
    cacheStatus: said,
  })
  const head = datedAsReceived(x, streamed, answer)
  x.status = status
  const outcome = isShared && status === 200 && isConditional(x) ? judge(x, answer) : 200
  const tag =
    isShared && outcome === 200 && answer.forms === 'compressible' ? otherTagOf(x, answer) : undefined
  if (outcome === 412) refuse(edge, x, refusals.precondition)
  else if (outcome === 304 || tag !== undefined) {
    x.status = 304
    const notModified = notModifiedHead(answer, edge.config.cdnId, said, tag)
    responder.sendHead(datedAsReceived(x, notModified, answer), undefined)
  } else if (!mayHaveBody(status)) responder.sendHead(head, undefined)
  else if (method === 'HEAD') responder.sendHead(head, promisedBytes(fields))
  else {
    const part = isStored && isShared ? partOf(x, answer) : undefined
    if (part !== undefined) return beginPart(x, head, part)
    responder.open(head, promisedBytes(fields))
  }
  return outcome === 200 && tag === undefined ? 'all' : 'unwanted'
}

/** RFC 9110 14.2: what a Range asks of a body that is stored while it comes. Several parts at once are not made of one. */
function partOf(x: Exchange, { status, fields, receivedMs }: Answer): Part | undefined {
  const size = promisedBytes(fields)
  if ((x.marks & Mark.range) === 0 || x.method !== 'GET' || status !== 200 || size === undefined)
    return undefined
  const stored = conditioned(fields, receivedMs)
  if (!rangeCounts(x, stored)) return undefined
  const { rangesMax } = x.site!.rules.cache
  const part = selectPart(combinedValue(x.fields, 'range'), size, '', rangesMax)
  return part.kind === 'one' || part.kind === 'unsatisfiable' ? part : undefined
}

function beginPart(x: Exchange, head: Head, part: Part): Begun {
  const { responder } = x
  const line = part.kind === 'one' || part.kind === 'unsatisfiable' ? part.line : ''
  const tail = `${head.tail}\r\n${line}`
  if (part.kind !== 'one') {
    x.status = 416
    responder.send({ ...head, status: 416, tail }, Buffer.alloc(0))
    return 'unwanted'
  }
  const [range] = part.pieces
  x.status = 206
  responder.open({ ...head, status: 206, tail }, range.last - range.first + 1)
  return range
}

/** RFC 9110 15.4.5: what a stored response would say in its place. */
function notModifiedHead(answer: Answer, identity: string, said: string, tag: string | undefined): Head {
  const { fields, freshness, hidden, ageMs, receivedMs } = answer
  const { block, notModifiedBytes } = storedBlock(
    toldFields(fields, answer),
    freshness,
    identity,
    hidden,
    receivedMs,
  )
  const tail = notModifiedTail(identity, ageAndStatus(ageMs, said))
  const head = block.subarray(0, notModifiedBytes)
  return { status: 304, block: tag === undefined ? head : retagged(head, tag), tail }
}

function otherTagOf(x: Exchange, { fields }: Answer): string | undefined {
  return tagOfOtherForm(x, firstValue(fields, 'etag') ?? '')
}

/** RFC 9110 13.2.2. */
function judge(x: Exchange, { fields, receivedMs }: Answer): 200 | 304 | 412 {
  return judgeConditions(x, conditioned(fields, receivedMs))
}

function conditioned(received: Fields, storedAtMs: number): Conditioned {
  return {
    received,
    storedAtMs,
    etag: firstValue(received, 'etag') ?? '',
    lastModified: firstValue(received, 'last-modified') ?? '',
  }
}

/** Cache-Status, and the word for the log. */
export function saidOf(
  edge: Edge,
  x: Exchange,
  answer: Pick<Answer, 'status' | 'verdict'>,
  { isShared, isStored }: Beginning,
): string {
  const purged = (x.marks & Mark.purged) !== 0 ? 'purged' : isStored ? undefined : x.detail || undefined
  const detail = isShared && !answer.verdict.store ? answer.verdict.reason : purged
  x.detail = detail ?? ''
  return cacheStatus(edge.config.cdnId, {
    kind: 'forwarded',
    reason: x.reason,
    forwardStatus: answer.status,
    stored: isStored,
    // RFC 9211 2.6: it waited for another's answer, which was not for it.
    collapsed: x.followed === undefined ? undefined : 'tried',
    detail,
  })
}
