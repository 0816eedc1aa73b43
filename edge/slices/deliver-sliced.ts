// Answers with a stored response that is kept in blocks: those that are missing are asked for while others are sent.
import { answerConditions } from '../answer-conditions.js'
import { keepEntry, type ResponseEntry } from '../cache/entry.js'
import { conclude, refuse } from '../conclude.js'
import { datedAsStored } from '../dated.js'
import type { Edge } from '../edge.js'
import { type Exchange, Mark } from '../exchange.js'
import { cacheStatus } from '../http/cache-status.js'
import { judgeForwarding } from '../judge-forwarding.js'
import { headOfPart, selectStored } from '../stored-part.js'
import { tailOf } from '../stored-tail.js'
import { slicedObject } from './object.js'
import { SlicedAnswer } from './sliced-answer.js'
import { SlicedBody } from './sliced-body.js'

const nothing = Buffer.alloc(0)

/** As `deliver`. */
export function deliverSliced(
  edge: Edge,
  x: Exchange,
  stored: ResponseEntry,
  status: string | undefined,
): void {
  // Looking for its blocks ends the store's view.
  const entry = keepEntry(stored)
  const tail = tailOf(edge, x, entry, status)
  if (answerConditions(edge, x, entry, tail)) return
  const { responder, method } = x
  const whole = datedAsStored(x, { status: entry.status, block: entry.block, tail }, entry)
  x.status = entry.status
  if (method === 'HEAD') {
    responder.sendHead(whole, entry.bodyBytes)
    return conclude(edge, x)
  }
  const part = (x.marks & Mark.range) === 0 ? undefined : selectStored(x, entry)
  if (part?.kind === 'unsatisfiable') {
    const head = headOfPart(edge, x, entry, part, tail)
    x.status = head.status
    responder.send(head, nothing)
    return conclude(edge, x)
  }
  const object = slicedObject(edge, x, entry)
  const body = new SlicedBody(object, part?.pieces ?? [{ first: 0, last: entry.bodyBytes - 1 }])
  const said = status ?? partialStatus(edge, x, body)
  if (x.reason === 'partial') {
    const refusal = judgeForwarding(edge, x)
    if (refusal !== undefined) return refuse(edge, x, refusal)
  }
  const ownTail = said === undefined ? tail : tailOf(edge, x, entry, said)
  const head = part === undefined ? { ...whole, tail: ownTail } : headOfPart(edge, x, entry, part, ownTail)
  x.status = head.status
  const answer = new SlicedAnswer(edge, x, head, body)
  answer.start()
  conclude(edge, x, answer)
}

/** RFC 9211 2.2: some of what was asked for is not there. */
function partialStatus(edge: Edge, x: Exchange, body: SlicedBody): string | undefined {
  if (!body.isPartial()) return undefined
  x.result = 'miss'
  x.reason = 'partial'
  return cacheStatus(edge.config.cdnId, { kind: 'forwarded', reason: 'partial', stored: true })
}
