// Answers that fetch/send must not take.
import t from 'tap'
import { saying, sent } from '../support/answers.js'

const bad: [row: string, bytes: string, events: string[]][] = [
  ['RFC 9112 4 no status line', 'HELLO\r\n\r\n', ['error bad-response']],
  ['RFC 9112 4 a bad status', 'HTTP/1.1 2x0 OK\r\n\r\n', ['error bad-response']],
  [
    'RFC 9112 6.3 two lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ['error bad-response'],
  ],
  ['RFC 9112 6.3 no number', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nab', ['error bad-response']],
  [
    'RFC 9112 6.1 length and chunked',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9110 5.5 a control character',
    'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  ['RFC 9110 5.5 DEL', 'HTTP/1.1 200 OK\r\nX: a\x7fb\r\nContent-Length: 0\r\n\r\n', ['error bad-response']],
  [
    'RFC 9110 5.5 a bare CR',
    'HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 5.2 obs-fold',
    'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 5.1 a space before the colon',
    'HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 6.1 a coding that nobody asked for',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc',
    ['error bad-response'],
  ],
  [
    'RFC 9112 6.1 a coding under chunked',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ['error bad-response'],
  ],
  [
    'RFC 9112 7.1 a bad chunk',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
    ['head', 'error bad-response'],
  ],
  [
    'RFC 9112 7.1 chunk data without its end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
    ['head', 'body', 'error bad-response'],
  ],
  ['RFC 9110 15.2 seventeen interim responses', 'HTTP/1.1 103 H\r\n\r\n'.repeat(17), ['error bad-response']],
  [
    'a head that never ends',
    `HTTP/1.1 200 OK\r\n${'Name: value\r\n'.repeat(10_000)}`,
    ['error bad-response'],
  ],
]
for (const [row, bytes, events] of bad) {
  t.test(`send() takes no bad response: ${row}`, async t => {
    const origin = await saying(t, bytes)
    const noted = await sent(origin)
    t.strictSame(noted.events, events)
    t.match(noted.error, { status: 502, source: 'origin' })
    t.equal(origin.active, 0)
  })
}
