import type { HttpRequest } from 'uWebSockets.js'
import t from 'tap'
import { read } from '../../accept/read.js'
import { Mark } from '../../exchange.js'
import { NotingResponder } from '../support/exchange.js'

/** What uWebSockets.js gives of one request; reading the method in lower case first would change it in place. */
function requestOf(
  fields: string[],
  given: { method?: string; path?: string; query?: string } = {},
): HttpRequest {
  const request = {
    getCaseSensitiveMethod: () => given.method ?? 'GET',
    getUrl: () => given.path ?? '/',
    getQuery: () => given.query,
    forEach: (each: (name: string, value: string) => void) => {
      for (let i = 0; i < fields.length; i += 2) each(fields[i], fields[i + 1])
    },
  }
  return request as unknown as HttpRequest
}

const readFields = (...fields: string[]) => read(requestOf(fields), new NotingResponder(), 1, 0)

t.test('read() copies the request', async t => {
  const responder = new NotingResponder()
  const x = read(
    requestOf(['host', 'A:1', 'x', '1'], { method: 'Get', path: '/p', query: 'q=1' }),
    responder,
    5,
    6,
  )
  t.match(x, {
    nowMs: 5,
    startedMs: 6,
    method: 'Get',
    target: '/p?q=1',
    fields: ['host', 'A:1', 'x', '1'],
    hostLines: 1,
    hostField: 'A:1',
    marks: 0,
    framing: { contentLengths: 0, transferEncodings: 0 },
  })
  t.equal(x.responder, responder)
})

const targets: [query: string | undefined, target: string][] = [
  [undefined, '/p'],
  ['', '/p?'],
  ['a?b', '/p?a?b'],
]
for (const [query, target] of targets) {
  t.test(`read() makes the target of path and query: ${target}`, async t => {
    const request = requestOf([], query === undefined ? { path: '/p' } : { path: '/p', query })
    t.equal(read(request, new NotingResponder(), 1, 0).target, target)
  })
}

const marks: [row: string, field: [string, string], mark: number][] = [
  ['RFC 9110 13.1.2', ['if-none-match', '*'], Mark.conditional],
  ['RFC 9111 5.2.1', ['cache-control', ''], Mark.cacheControl],
  ['RFC 9111 5.4', ['pragma', 'no-cache'], Mark.cacheControl],
  ['RFC 9110 12.5.1', ['accept', 'no-cache'], 0],
  ['RFC 9110 13.1.3', ['if-modified-since', 'x'], Mark.conditional],
  ['RFC 9110 13.1.1', ['if-match', '*'], Mark.precondition],
  ['RFC 9110 13.1.4', ['if-unmodified-since', 'x'], Mark.precondition],
  ['RFC 9110 14.2', ['range', 'bytes=0-'], Mark.range],
  ['RFC 9112 9.6', ['connection', 'close'], Mark.close],
  ['RFC 9112 9.6 in a list, in any case', ['connection', 'TE, Close'], Mark.close],
  ['RFC 9112 9.6 no option of that name', ['connection', 'closed, x-close'], 0],
  ['RFC 9112 9.3', ['connection', 'keep-alive'], 0],
  ['RFC 9110 10.1.1', ['expect', '100-Continue'], 0],
  ['RFC 9110 10.1.1 unknown', ['expect', '200-ok'], Mark.expectUnknown],
  ['nothing special', ['if-range', '"x"'], 0],
  ['as long as one that is', ['abcdefghijklmnopq', 'x'], 0],
]
for (const [row, field, mark] of marks) {
  t.test(`read() ${row} ${field.join(': ')}`, async t => t.equal(readFields(...field).marks, mark))
}

t.test('read() joins marks and forgets them with the next request', async t => {
  t.equal(readFields('range', 'x', 'if-match', '*').marks, Mark.range | Mark.precondition)
  t.equal(readFields('connection', 'x', 'connection', 'close').marks, Mark.close, 'on a second line')
  t.equal(readFields('a', 'b').marks, 0)
})

t.test('read() counts the lines that decide about framing and host (RFC 9112 3.2, 6.3)', async t => {
  const x = readFields('host', 'a', 'host', 'b', 'content-length', '5', 'content-length', '')
  t.match(x, { hostLines: 2, framing: { contentLengths: 2, contentLength: '' } })
  const chunked = readFields('transfer-encoding', '', 'transfer-encoding', 'chunked')
  t.match(chunked, {
    hostLines: 0,
    hostField: '',
    framing: { transferEncodings: 2, transferEncoding: 'chunked' },
  })
})
