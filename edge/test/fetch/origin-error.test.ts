import t from 'tap'
import { EdgeError } from '../../error.js'
import {
  badResponse,
  betweenBytesTimeout,
  closedEarly,
  connectTimeout,
  firstByteTimeout,
  originBusy,
  originError,
  originSwapped,
  type Phase,
  totalTimeout,
  unsendable,
} from '../../fetch/origin-error.js'

function failureOf(code: string): Error {
  return Object.assign(new Error(`text of ${code}`), { code })
}

const cases: [error: unknown, phase: Phase, code: string, status: number, retry: boolean][] = [
  [failureOf('ECONNREFUSED'), 'connect', 'connect-refused', 502, true],
  [failureOf('EHOSTUNREACH'), 'connect', 'connect-failed', 502, true],
  [failureOf('ENETUNREACH'), 'connect', 'connect-failed', 502, true],
  [failureOf('EADDRNOTAVAIL'), 'connect', 'connect-failed', 502, true],
  [failureOf('ECONNRESET'), 'connect', 'connect-failed', 502, true],
  [failureOf('ENOBODYKNOWS'), 'connect', 'connect-failed', 502, true],
  [undefined, 'connect', 'connect-failed', 502, true],
  [failureOf('ETIMEDOUT'), 'connect', 'connect-timeout', 504, true],
  [failureOf('ENOTFOUND'), 'connect', 'dns-failed', 502, true],
  [failureOf('EAI_AGAIN'), 'connect', 'dns-failed', 502, true],
  [failureOf('DEPTH_ZERO_SELF_SIGNED_CERT'), 'connect', 'tls-failed', 502, true],
  [failureOf('ERR_TLS_CERT_ALTNAME_INVALID'), 'connect', 'tls-failed', 502, true],
  [failureOf('ERR_SSL_WRONG_VERSION_NUMBER'), 'connect', 'tls-failed', 502, true],
  [
    new AggregateError([failureOf('ECONNREFUSED'), failureOf('ETIMEDOUT')]),
    'connect',
    'connect-refused',
    502,
    true,
  ],
  [new AggregateError([]), 'connect', 'connect-failed', 502, true],
  [failureOf('ECONNRESET'), 'exchange', 'origin-reset', 502, false],
  [failureOf('EPIPE'), 'exchange', 'origin-reset', 502, false],
  // A connection that stood may fail like one that never did, after the request took effect (RFC 9110 9.2.2).
  [failureOf('ETIMEDOUT'), 'exchange', 'origin-reset', 502, false],
  [failureOf('EHOSTUNREACH'), 'exchange', 'origin-reset', 502, false],
  [failureOf('ENETUNREACH'), 'exchange', 'origin-reset', 502, false],
  [undefined, 'exchange', 'origin-closed', 502, false],
  [failureOf('ENOBODYKNOWS'), 'exchange', 'origin-failed', 502, false],
]
for (const [error, phase, code, status, retry] of cases) {
  const from = (error as NodeJS.ErrnoException | undefined)?.code ?? 'silence'
  t.test(`originError() ${from} in the ${phase} is ${code}`, async t => {
    const known = originError(error, 'http://o', phase)
    t.match(known, { code, status, retry, source: 'origin' })
    t.equal(known.cause, error)
    t.match(known.message, /^http:\/\/o: ./)
  })
}

t.test('originError() passes our own errors through', async t => {
  const own = new EdgeError('client-left', 'gone', { source: 'client', status: 400 })
  t.equal(originError(own, 'http://o', 'exchange'), own)
})

const own: [error: EdgeError, code: string, status: number, source: string, retry: boolean][] = [
  [totalTimeout(5), 'total-timeout', 504, 'origin', false],
  [connectTimeout(5), 'connect-timeout', 504, 'origin', true],
  [firstByteTimeout(5), 'first-byte-timeout', 504, 'origin', false],
  [betweenBytesTimeout(5), 'between-bytes-timeout', 504, 'origin', false],
  [badResponse('so'), 'bad-response', 502, 'origin', false],
  [closedEarly('nothing'), 'origin-closed', 502, 'origin', false],
  [closedEarly('head'), 'origin-closed', 502, 'origin', false],
  [closedEarly('body'), 'short-body', 502, 'origin', false],
  [originBusy('http://o'), 'origin-busy', 503, 'origin', true],
  [originSwapped('http://o'), 'origin-swapped', 503, 'edge', true],
  [unsendable(), 'request', 400, 'client', false],
]
t.test('what is ours has its word, its status, and whose fault it is', async t => {
  for (const [error, code, status, source, retry] of own) t.match(error, { code, status, source, retry })
})
