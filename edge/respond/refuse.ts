// The small complete answers of our own: refusals, failures, and the one request that ends here by its own wish. They
// are never stored by anybody.
import type { Head } from './responder.js'

/** Why a request is answered by the edge itself. `code` is the log word and the `detail` of Cache-Status. */
export interface Refusal {
  readonly code: string
  readonly status: number
  /** One sentence for the person who reads the answer; '' makes an answer without content. */
  readonly message: string
  /** The connection cannot be used for another request. */
  readonly close: boolean
  /** Further header lines, each `Name: value`. */
  readonly lines?: readonly string[]
}

function refusal(code: string, status: number, message: string, close: boolean, ...lines: string[]): Refusal {
  return Object.freeze({ code, status, message, close, lines })
}

/** What is passed on. Methods that we do not know are too, but nobody could list them. */
const allow = 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

/** What accept/ may refuse; failures of the origin carry their own code and status (EdgeError). */
export const refusals = {
  method: refusal('method', 400, 'The method is not a token.', true),
  methodNotAllowed: refusal('method-not-allowed', 405, 'This method is not served here.', true, allow),
  host: refusal('host', 400, 'Exactly one well-formed Host field is needed.', true),
  unknownHost: refusal('unknown-host', 421, 'No site here answers for this host.', false),
  framing: refusal('framing', 400, 'It is ambiguous where this message ends.', true),
  lengthRequired: refusal('length-required', 411, 'A request body needs a Content-Length here.', true),
  target: refusal('target', 400, 'The request target is malformed.', true),
  targetTooLong: refusal('target-too-long', 414, 'The request target is too long.', true),
  bodyTooLarge: refusal('body-too-large', 413, 'The request body is too large.', true),
  version: refusal('version', 505, 'This version of HTTP is not spoken here.', true),
  expectation: refusal('expectation', 417, 'This expectation cannot be met.', true),
  // RFC 6455 4.4, RFC 9110 15.5.22.
  webSocketVersion: refusal(
    'websocket-version',
    426,
    'Only WebSockets of version 13 are spoken here.',
    true,
    'Sec-WebSocket-Version: 13',
    'Upgrade: websocket',
    'Connection: Upgrade',
  ),
  tooManyWebSockets: refusal(
    'too-many-websockets',
    503,
    'Too many WebSockets are open.',
    false,
    'Retry-After: 1',
  ),
  overloaded: refusal('overloaded', 503, 'Too many requests are in progress.', true, 'Retry-After: 1'),
  shed: refusal('shed', 503, 'This server has too much to do.', true, 'Retry-After: 2'),
  overQuota: refusal(
    'over-quota',
    429,
    'What this site may use in a month is used up.',
    false,
    'Retry-After: 3600',
  ),
  draining: refusal('draining', 503, 'This server is stopping.', true, 'Retry-After: 1'),
  imageBusy: refusal('image-busy', 503, 'The image cannot be made now.', false, 'Retry-After: 2'),
  loop: refusal('loop', 508, 'This request has passed here too often.', false),
  onlyIfCached: refusal('only-if-cached', 504, 'Nothing usable is stored.', false),
  precondition: refusal('precondition', 412, 'The stored response does not meet the condition.', false),
  internal: refusal('internal', 500, 'Something went wrong in this server.', true),
} as const

/** OPTIONS that may go no further (RFC 9110 7.6.2, 9.3.7): what can be said of us, and nothing of the origin. */
export const lastHop: Refusal = refusal('max-forwards', 200, '', false, allow)

/** Says for a failure of the origin or of the edge what a refusal says. */
export function failure(code: string, status: number): Refusal {
  const retry = status === 503 ? ['Retry-After: 1'] : []
  return {
    code,
    status,
    message: failureMessages[status] ?? 'The request failed.',
    close: false,
    lines: retry,
  }
}

const failureMessages: Record<number, string> = {
  502: 'The origin could not be reached or gave an unusable answer.',
  503: 'No origin can take this request now.',
  504: 'The origin did not answer in time.',
}

/** `identity` is the configured cdnId. */
export function refusalHead(why: Refusal, identity: string, tail: string): { head: Head; body: Buffer } {
  const isEmpty = why.message === ''
  const body = Buffer.from(isEmpty ? '' : `${why.status} ${why.code}: ${why.message}\n`, 'latin1')
  const lines = [
    ...(isEmpty ? [] : ['Content-Type: text/plain; charset=utf-8']),
    'Cache-Control: no-store',
    `Via: 1.1 ${identity}`,
    ...(why.lines ?? []),
    'Cache-Status',
  ]
  return { head: { status: why.status, block: Buffer.from(lines.join('\r\n'), 'latin1'), tail }, body }
}
