// Judges the request head: refused, or brought to the one form that is keyed and sent on (http-rules.md A). What can
// be said about single values is in http/; which site answers is route.ts's.
import type { EdgeConfig } from '../../config/settings.js'
import { type Exchange, Mark } from '../exchange.js'
import { framing } from '../http/framing.js'
import { normaliseTarget } from '../http/target.js'
import { isToken } from '../http/tokens.js'
import { type Refusal, refusals } from '../respond/refuse.js'

type Limits = Pick<EdgeConfig['limits'], 'targetBytesMax' | 'bodyBytesMax'>

/** Fills in `x.body` and `x.target`; returns why the request is refused, or undefined. */
export function normalise(x: Exchange, limits: Limits): Refusal | undefined {
  if (x.method !== 'GET' && x.method !== 'HEAD') {
    const refusal = judgeMethod(x.method)
    if (refusal !== undefined) return refusal
  }
  if ((x.marks & Mark.versionUnknown) !== 0) return refusals.version
  // RFC 9112 3.2: exactly one Host; the engine lets an empty one pass.
  if (x.hostLines !== 1) return refusals.host
  const { contentLengths, contentLength, transferEncodings, transferEncoding } = x.framing
  const body = framing(contentLengths, contentLength, transferEncodings, transferEncoding)
  if (body.kind === 'ambiguous') return refusals.framing
  // RFC 9112 6.3: a server may refuse what has no length.
  if (body.kind === 'chunked' && (x.marks & Mark.lengthRequired) !== 0) return refusals.lengthRequired
  if (body.kind === 'length' && body.length > limits.bodyBytesMax) return refusals.bodyTooLarge
  if ((x.marks & Mark.expectUnknown) !== 0) return refusals.expectation
  if (x.target.length > limits.targetBytesMax) return refusals.targetTooLong
  const target = x.known === undefined ? normalisedTarget(x) : x.known.normalised
  if (target === undefined) return refusals.target
  x.body = body
  x.target = target
  return undefined
}

function normalisedTarget({ method, target }: Exchange): string | undefined {
  // RFC 9112 3.2.4: of no resource at all.
  return target === '*' && method === 'OPTIONS' ? target : normaliseTarget(target)
}

function judgeMethod(method: string): Refusal | undefined {
  if (!isToken(method)) return refusals.method
  // RFC 9110 9.3.6 and 9.3.8: a tunnel is not ours to make, and TRACE would show what fields we add.
  if (method === 'CONNECT' || method === 'TRACE') return refusals.methodNotAllowed
  return undefined
}
