// Copies a request out of uWebSockets.js, whose own objects die when the handler returns, into a fresh exchange.
// One pass over the fields; which of them mean anything is noted on the way. Judging them is normalise.ts.
import type { HttpRequest } from 'uWebSockets.js'
import { type Exchange, type FramingFields, Mark } from '../exchange.js'
import type { Framing } from '../http/framing.js'
import type { Scheme } from '../http/host.js'
import type { Responder } from '../respond/responder.js'

const noBody: Framing = Object.freeze({ kind: 'none' })

// What the pass collects into: it is synchronous and never re-entered, so a hit allocates no closure for it.
let fields: string[] = []
let framing: FramingFields
let hostLines = 0
let hostField = ''
let acceptEncoding: string | undefined
let marks = 0

/** What is read of the engine's request. */
export type RequestSource = Pick<HttpRequest, 'getCaseSensitiveMethod' | 'getUrl' | 'forEach'> & {
  getQuery(): string | undefined
}

/** `startedMs`: monotonic clock, or 0 when nobody asks for durations. */
export function read(
  request: RequestSource,
  responder: Responder,
  nowMs: number,
  startedMs: number,
  scheme: Scheme = 'http',
): Exchange {
  fields = []
  framing = { contentLengths: 0, contentLength: undefined, transferEncodings: 0, transferEncoding: undefined }
  hostLines = 0
  hostField = ''
  acceptEncoding = undefined
  marks = 0
  // Before anything else touches the method: the engine's other reader changes it to lower case in place.
  const method = request.getCaseSensitiveMethod()
  const path = request.getUrl()
  const query = request.getQuery()
  request.forEach(collect)
  return {
    nowMs,
    startedMs,
    scheme,
    method,
    fields,
    framing,
    hostLines,
    hostField,
    marks,
    acceptEncoding,
    responder,
    known: undefined,
    upload: undefined,
    clientAddress: '',
    target: query === undefined ? path : `${path}?${query}`,
    body: noBody,
    host: '',
    authority: '',
    site: undefined,
    image: undefined,
    keyPrefix: '',
    key: '',
    storedKey: '',
    askFields: undefined,
    followed: undefined,
    reason: 'request',
    status: 0,
    result: 'refused',
    detail: '',
    originUrl: '',
    form: '',
    isFinished: false,
  }
}

function collect(name: string, value: string): void {
  fields.push(name, value)
  switch (name.length) {
    case 4:
      if (name === 'host') {
        hostLines += 1
        hostField = value
      }
      break
    case 5:
      if (name === 'range') marks |= Mark.range
      break
    case 6:
      // The one of this length that everybody sends.
      if (name !== 'accept') collectSix(name, value)
      break
    case 8:
      if (name === 'if-match') marks |= Mark.precondition
      break
    case 10:
      if (name === 'connection' && namesClose(value)) marks |= Mark.close
      break
    case 13:
      if (name === 'if-none-match') marks |= Mark.conditional
      else if (name === 'cache-control') marks |= Mark.cacheControl
      break
    case 14:
      if (name === 'content-length') {
        framing.contentLengths += 1
        framing.contentLength = value
      }
      break
    case 15:
      if (name === 'accept-encoding')
        acceptEncoding = acceptEncoding === undefined ? value : `${acceptEncoding}, ${value}`
      break
    case 17:
      collectLong(name, value)
      break
    case 19:
      if (name === 'if-unmodified-since') marks |= Mark.precondition
      break
  }
}

function collectSix(name: string, value: string): void {
  if (name === 'pragma') marks |= Mark.cacheControl
  else if (name === 'expect' && value.toLowerCase() !== '100-continue') marks |= Mark.expectUnknown
}

function collectLong(name: string, value: string): void {
  if (name === 'if-modified-since') marks |= Mark.conditional
  else if (name === 'transfer-encoding') {
    framing.transferEncodings += 1
    framing.transferEncoding = value
  }
}

/** Connection is a list (RFC 9110 7.6.1); the engine itself only understands a value of exactly five bytes. */
function namesClose(value: string): boolean {
  if (value === 'keep-alive') return false
  return value.split(',').some(option => option.trim().toLowerCase() === 'close')
}
