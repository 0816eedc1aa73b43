// What an origin is asked for one request: its fields, as they may go on, and ours.
import { performance } from 'node:perf_hooks'
import type { Exchange } from '../exchange.js'
import { requestToOrigin } from '../http/forward.js'
import type { ByteRange } from '../http/ranges.js'
import { handshakeToOrigin, offeredProtocols } from '../http/web-socket.js'
import type { OrdinaryAsk } from './envelope.js'
import { fieldBytes } from './field-bytes.js'
import type { Ask } from './send.js'
import { acceptOf, newKey } from './web-socket/key.js'

/** `whole`: the response as it is, for storing, without the client's own conditions and range; or just that `range`. */
export type Wanted =
  | { kind: 'asAsked' }
  | { kind: 'whole'; conditions: string[]; range?: ByteRange | undefined }
  | { kind: 'webSocket' }

/** Before the accepting call returns, or for one that has followed another: it reads the request's fields. */
export function buildAsk(x: Exchange, wanted: Wanted, identity: string): Ask {
  const { site, method } = x
  const { originPath, timeouts } = site!.config
  x.clientAddress ||= x.responder.clientAddress()
  const lines = wanted.kind === 'webSocket' ? undefined : ordinaryLines(x)
  const ordinary = lines === undefined ? undefined : ordinaryAsk(x, wanted, identity, lines)
  const asked: Ask = {
    method,
    target: targetOf(x, originPath),
    fields: ordinary === undefined ? fieldsOf(x, wanted, identity, lines) : noFields,
    lines,
    ordinary,
    body: x.upload,
    bodyBytes: x.upload !== undefined && x.body.kind === 'length' ? x.body.length : undefined,
    totalMs: timeouts.totalMs,
    endsAtMs: performance.now() + timeouts.totalMs,
  }
  return wanted.kind === 'webSocket' ? asHandshake(asked) : asked
}

const noFields: string[] = []

/** What the client said, as it came, when nothing of it is for us or kept back. */
function ordinaryLines(x: Exchange): string | undefined {
  return x.site!.rules.dropsExtensionsOnly ? x.ordinaryLines?.() : undefined
}

/** When nothing is to be said but what is said for every request to this host. */
function ordinaryAsk(x: Exchange, wanted: Wanted, identity: string, lines: string): OrdinaryAsk | undefined {
  const isMore = wanted.kind === 'whole' && (wanted.conditions.length > 0 || wanted.range !== undefined)
  if (isMore || x.upload !== undefined) return undefined
  const { scheme, authority, clientAddress } = x
  const { config, envelopes } = x.site!
  const { forwardedFor, originHost } = config
  const envelope = envelopes.around({ scheme, originalHost: authority, cdnId: identity, forwardedFor })
  return envelope && { host: originHost ?? authority, lines, envelope, clientAddress }
}

/** `lines`: what the client said, if it need not be looked at. */
function fieldsOf(x: Exchange, wanted: Wanted, identity: string, lines: string | undefined): string[] {
  const { config, rules } = x.site!
  const isWhole = wanted.kind === 'whole'
  if (lines === undefined) x.askFields ??= fieldBytes(x)
  return requestToOrigin({
    fields: lines === undefined ? x.askFields! : [],
    method: x.method,
    host: config.originHost ?? x.authority,
    clientAddress: x.clientAddress,
    scheme: x.scheme,
    originalHost: x.authority,
    cdnId: identity,
    forwardedFor: config.forwardedFor,
    conditions: isWhole ? [...wanted.conditions, ...rangeLines(wanted.range)] : [],
    dropConditions: isWhole,
    dropRange: isWhole,
    dropped: x.method === 'GET' || x.method === 'HEAD' ? rules.dropped : undefined,
  })
}

function rangeLines(range: ByteRange | undefined): string[] {
  return range === undefined ? [] : ['Range', `bytes=${range.first}-${range.last}`]
}

/** RFC 6455 4.1: with a key of our own, as the connection is another one. */
function asHandshake(asked: Ask): Ask {
  const key = newKey()
  const protocols = offeredProtocols(asked.fields)
  const fields = handshakeToOrigin(asked.fields, key, protocols)
  return { ...asked, fields, handshake: { accept: acceptOf(key), protocols } }
}

/** RFC 9112 3.2.4: the asterisk form has no path. */
function targetOf({ target }: Exchange, originPath: string | undefined): string {
  return originPath === undefined || !target.startsWith('/') ? target : originPath + target
}
