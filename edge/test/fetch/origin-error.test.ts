import t from 'tap'
import { errors } from 'undici'
import { EdgeError } from '../../error.js'
import { originError, totalTimeout } from '../../fetch/origin-error.js'

function failureOf(code: string, syscall?: string): Error {
  return Object.assign(new Error(`text of ${code}`), { code, ...(syscall === undefined ? {} : { syscall }) })
}

const cases: [error: Error, code: string, status: number, retry: boolean][] = [
  [failureOf('ECONNREFUSED', 'connect'), 'connect-refused', 502, true],
  [failureOf('EHOSTUNREACH', 'connect'), 'connect-failed', 502, true],
  [failureOf('ENETUNREACH', 'connect'), 'connect-failed', 502, true],
  [failureOf('EADDRNOTAVAIL', 'connect'), 'connect-failed', 502, true],
  [failureOf('ETIMEDOUT', 'connect'), 'connect-timeout', 504, true],
  [failureOf('ENOTFOUND', 'getaddrinfo'), 'dns-failed', 502, true],
  [failureOf('EAI_AGAIN', 'getaddrinfo'), 'dns-failed', 502, true],
  [failureOf('ECONNRESET', 'read'), 'origin-reset', 502, false],
  [failureOf('EPIPE', 'write'), 'origin-reset', 502, false],
  // A connection that stood may fail like one that never did, after the request took effect (RFC 9110 9.2.2).
  [failureOf('ETIMEDOUT', 'read'), 'origin-reset', 502, false],
  [failureOf('EHOSTUNREACH', 'read'), 'origin-reset', 502, false],
  [failureOf('ENETUNREACH', 'write'), 'origin-reset', 502, false],
  [failureOf('UND_ERR_SOCKET'), 'origin-closed', 502, false],
  [failureOf('UND_ERR_CONNECT_TIMEOUT'), 'connect-timeout', 504, true],
  [failureOf('UND_ERR_HEADERS_TIMEOUT'), 'first-byte-timeout', 504, false],
  [failureOf('UND_ERR_BODY_TIMEOUT'), 'between-bytes-timeout', 504, false],
  [failureOf('UND_ERR_RES_CONTENT_LENGTH_MISMATCH'), 'short-body', 502, false],
  [failureOf('UND_ERR_HEADERS_OVERFLOW'), 'bad-response', 502, false],
  [new errors.HTTPParserError('what the parser says'), 'bad-response', 502, false],
  [failureOf('UND_ERR_CLOSED'), 'origin-swapped', 503, true],
  [failureOf('UND_ERR_DESTROYED'), 'origin-swapped', 503, true],
  [failureOf('ENOBODYKNOWS'), 'origin-failed', 502, false],
  [new Error('no code at all'), 'origin-failed', 502, false],
  [
    new AggregateError([failureOf('ECONNREFUSED', 'connect'), failureOf('ETIMEDOUT', 'connect')]),
    'connect-refused',
    502,
    true,
  ],
  [new AggregateError([]), 'origin-failed', 502, false],
]
for (const [error, code, status, retry] of cases) {
  const { syscall = '', code: from = error.name } = error as NodeJS.ErrnoException
  t.test(`originError() ${from} ${syscall} is ${code}`, async t => {
    const known = originError(error, 'http://o')
    t.match(known, { code, status, retry, source: 'origin', cause: error })
    t.ok(known.message.startsWith('http://o: '), known.message)
  })
}

t.test('originError() blames the client for what cannot be sent', async t => {
  for (const code of ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_INVALID_ARG']) {
    t.match(originError(failureOf(code), 'http://o'), { code: 'request', status: 400, source: 'client' })
  }
})

t.test('originError() passes our own errors through and takes anything', async t => {
  const own = new EdgeError('client-left', 'gone', { source: 'client', status: 400 })
  t.equal(originError(own, 'http://o'), own)
  t.match(originError('a text', 'http://o'), { code: 'origin-failed', message: 'http://o: a text' })
  t.match(originError(undefined, 'http://o'), { code: 'origin-failed' })
})

t.test('totalTimeout() is a 504', async t => {
  t.match(totalTimeout(5), { code: 'total-timeout', status: 504, source: 'origin', retry: false })
})
