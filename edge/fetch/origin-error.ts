// Names what went wrong on the way to an origin: one stable word, the status to answer with, and whether nothing of
// the request can have taken effect, so that it may be tried again (RFC 9110 9.2.2).
import { EdgeError } from '../error.js'

interface Meaning {
  code: string
  status: number
  retry: boolean
}

const refused: Meaning = { code: 'connect-refused', status: 502, retry: true }
const unreachable: Meaning = { code: 'connect-failed', status: 502, retry: true }
const reset: Meaning = { code: 'origin-reset', status: 502, retry: false }

/** While it is being made nothing of a request can have taken effect. */
export type Phase = 'connect' | 'exchange'

/** By `code` of the error of the system. */
const meanings: Record<string, Meaning> = {
  ECONNREFUSED: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  EAI_AGAIN: { code: 'dns-failed', status: 502, retry: true },
  ENOTFOUND: { code: 'dns-failed', status: 502, retry: true },
  ETIMEDOUT: { code: 'connect-timeout', status: 504, retry: true },
  ECONNRESET: unreachable,
  EPIPE: unreachable,
}

/** Every error becomes an EdgeError; one that is already passes through. Undefined: it was closed without a word. */
export function originError(error: unknown, url: string, phase: Phase): EdgeError {
  if (error instanceof EdgeError) return error
  const code = codeOf(error)
  const meaning = phase === 'exchange' ? (exchangeMeanings[code] ?? unknown) : connectMeaning(code, error)
  const text = error instanceof Error ? error.message : 'the connection was closed'
  return new EdgeError(meaning.code, `${url}: ${text || code || 'no reason was given'}`, {
    source: 'origin',
    cause: error,
    ...meaning,
  })
}

function connectMeaning(code: string, error: unknown): Meaning {
  const known = meanings[code]
  if (known !== undefined) return known
  // OpenSSL's words and Node's: a certificate that is not good, or no TLS at all (RFC 9110 4.3.4).
  const isTls =
    error instanceof Error && /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_|SELF_SIGNED|EPROTO)/.test(code)
  return isTls ? { code: 'tls-failed', status: 502, retry: true } : unreachable
}

export function totalTimeout(totalMs: number): EdgeError {
  return new EdgeError('total-timeout', `the exchange took longer than ${totalMs} ms`, {
    source: 'origin',
    status: 504,
  })
}

/** Once the connection stood the request may have taken effect: it is not to be tried again on the word of these. */
const exchangeMeanings: Record<string, Meaning> = {
  ECONNRESET: reset,
  EPIPE: reset,
  ETIMEDOUT: reset,
  EHOSTUNREACH: reset,
  ENETUNREACH: reset,
  '': { code: 'origin-closed', status: 502, retry: false },
}
const unknown: Meaning = { code: 'origin-failed', status: 502, retry: false }

/** A failure to connect to every address of a name comes as one error that holds the others. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code
  return ''
}

/** A 304 is an answer to a condition: without one it says nothing. */
export function unasked304(url: string): EdgeError {
  return new EdgeError('bad-response', `${url}: a 304 to a request without conditions`, {
    source: 'origin',
    status: 502,
  })
}

/** RFC 9112 and http-rules.md 9: what is wrong with the answer, in a few words. */
export function badResponse(what: string): EdgeError {
  return new EdgeError('bad-response', `the answer cannot be used: ${what}`, {
    source: 'origin',
    status: 502,
  })
}

/** The origin has closed its side: where in the answer it was. */
export function closedEarly(where: 'nothing' | 'head' | 'body'): EdgeError {
  const code = where === 'body' ? 'short-body' : 'origin-closed'
  const when = { nothing: 'without an answer', head: 'within the head', body: 'within the body' }[where]
  return new EdgeError(code, `the origin closed the connection ${when}`, { source: 'origin', status: 502 })
}

export function connectTimeout(limitMs: number): EdgeError {
  return timeout('connect-timeout', `no connection within ${limitMs} ms`, true)
}

export function firstByteTimeout(limitMs: number): EdgeError {
  return timeout('first-byte-timeout', `no answer within ${limitMs} ms`)
}

export function betweenBytesTimeout(limitMs: number): EdgeError {
  return timeout('between-bytes-timeout', `nothing more of the answer within ${limitMs} ms`)
}

function timeout(code: string, message: string, retry = false): EdgeError {
  return new EdgeError(code, message, { source: 'origin', status: 504, retry })
}

export function originBusy(url: string): EdgeError {
  return new EdgeError('origin-busy', `${url}: too many requests are waiting for it`, {
    source: 'origin',
    status: 503,
    retry: true,
  })
}

/** None may be asked: all are down by the word of checks, or ejected with no other left. */
export function noGoodOrigin(site: string): EdgeError {
  return new EdgeError('no-good-origin', `${site}: no origin is good`, { source: 'origin', status: 503 })
}

/** The site's origins were changed under it, and it was not over in time. */
export function originSwapped(url: string): EdgeError {
  return new EdgeError('origin-swapped', `${url} is not an origin any more`, {
    source: 'edge',
    status: 503,
    retry: true,
  })
}

export function unsendable(): EdgeError {
  return new EdgeError('request', 'the request cannot be sent to an origin', {
    source: 'client',
    status: 400,
  })
}
