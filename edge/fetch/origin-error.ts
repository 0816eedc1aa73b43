// Names what went wrong on the way to an origin: one stable word, the status to answer with, and whether nothing of
// the request can have taken effect, so that it may be tried again (RFC 9110 9.2.2).
import { errors } from 'undici'
import { EdgeError } from '../error.js'

interface Meaning {
  code: string
  status: number
  retry: boolean
}

const refused: Meaning = { code: 'connect-refused', status: 502, retry: true }
const unreachable: Meaning = { code: 'connect-failed', status: 502, retry: true }
const reset: Meaning = { code: 'origin-reset', status: 502, retry: false }

/** By `code` of the error of the system or of the HTTP client. */
const meanings: Record<string, Meaning> = {
  ECONNREFUSED: refused,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EADDRNOTAVAIL: unreachable,
  EAI_AGAIN: { code: 'dns-failed', status: 502, retry: true },
  ENOTFOUND: { code: 'dns-failed', status: 502, retry: true },
  ETIMEDOUT: { code: 'connect-timeout', status: 504, retry: true },
  ECONNRESET: reset,
  EPIPE: reset,
  UND_ERR_SOCKET: { code: 'origin-closed', status: 502, retry: false },
  UND_ERR_CONNECT_TIMEOUT: { code: 'connect-timeout', status: 504, retry: true },
  UND_ERR_HEADERS_TIMEOUT: { code: 'first-byte-timeout', status: 504, retry: false },
  UND_ERR_BODY_TIMEOUT: { code: 'between-bytes-timeout', status: 504, retry: false },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { code: 'short-body', status: 502, retry: false },
  UND_ERR_HEADERS_OVERFLOW: { code: 'bad-response', status: 502, retry: false },
  UND_ERR_CLOSED: { code: 'origin-swapped', status: 503, retry: true },
  UND_ERR_DESTROYED: { code: 'origin-swapped', status: 503, retry: true },
}

/** Every error becomes an EdgeError; one that is already passes through. */
export function originError(error: unknown, url: string): EdgeError {
  if (error instanceof EdgeError) return error
  const code = codeOf(error)
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH' || code === 'UND_ERR_INVALID_ARG') {
    return new EdgeError('request', 'the request cannot be sent to an origin', {
      source: 'client',
      status: 400,
      cause: error,
    })
  }
  const known = hasLost(error) ? reset : meanings[code]
  const meaning = known ?? (isUnreadable(error) ? badResponse : unknown)
  const text = error instanceof Error ? error.message : String(error)
  return new EdgeError(meaning.code, `${url}: ${text || code}`, {
    source: 'origin',
    cause: error,
    ...meaning,
  })
}

export function totalTimeout(totalMs: number): EdgeError {
  return new EdgeError('total-timeout', `the exchange took longer than ${totalMs} ms`, {
    source: 'origin',
    status: 504,
  })
}

const badResponse: Meaning = { code: 'bad-response', status: 502, retry: false }
const unknown: Meaning = { code: 'origin-failed', status: 502, retry: false }

/** What this HTTP client's parser refuses bears no code that tells it apart, only its class. */
function isUnreadable(error: unknown): boolean {
  return error instanceof errors.HTTPParserError
}

/**
 * A connection that stood may fail with the codes of one that never did. The request may have taken effect then, so it
 * is not to be tried again.
 */
function hasLost(error: unknown): boolean {
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined
  return syscall === 'read' || syscall === 'write'
}

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
