// Plays: what is refused before it could reach the origin (http-rules A 1 to 5), byte by byte as a client may send it.
// What is not refused but rewritten, and refusals that leave the connection open, are target.test.ts's.
import t, { type Test } from 'tap'
import { connectRaw } from '../support/client.js'
import { onUws, startEdge, type TestEdge, testConfig } from '../support/edge.js'
import { type RawOrigin, startOrigin, startRawOrigin } from '../support/origin.js'
import { accessLines } from '../support/play.js'

const follower = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'

function post(...lines: string[]): string {
  return ['POST /a HTTP/1.1', 'Host: a', ...lines, '', ''].join('\r\n')
}

function target(text: string): string {
  return `GET ${text} HTTP/1.1\r\nHost: a\r\n\r\n`
}

function host(...lines: string[]): string {
  return ['GET /a HTTP/1.1', ...lines, '', ''].join('\r\n')
}

const chunked = 'Transfer-Encoding: chunked'
const longLine = `X-Long: ${'x'.repeat(8_000)}`

/** Name, bytes, status. Those marked `engine` are answered by it, before or beside us. */
const table: [string, string, number][] = [
  [
    'RFC 9112 6.3 two Content-Lengths, different',
    `${post('Content-Length: 5', 'Content-Length: 6')}hello`,
    400,
  ],
  ['RFC 9112 6.3 two Content-Lengths, equal', `${post('Content-Length: 5', 'Content-Length: 5')}hello`, 400],
  ['RFC 9112 6.3 empty Content-Length', post('Content-Length:'), 400],
  [
    'RFC 9112 6.3 empty, then another Content-Length',
    `${post('Content-Length:', 'Content-Length: 5')}hello`,
    400,
  ],
  ['RFC 9112 6.3 Content-Length with a sign (engine)', `${post('Content-Length: +5')}hello`, 400],
  ['RFC 9112 6.3 negative Content-Length (engine)', post('Content-Length: -1'), 400],
  ['RFC 9112 6.3 Content-Length as a list (engine)', `${post('Content-Length: 5, 5')}hello`, 400],
  ['RFC 9112 6.3 Content-Length in hex (engine)', `${post('Content-Length: 0x5')}hello`, 400],
  ['RFC 9112 6.3 Content-Length of 20 digits (engine)', post('Content-Length: 10000000000000000000'), 400],
  ['RFC 9112 6.1 Content-Length and Transfer-Encoding (engine)', post('Content-Length: 5', chunked), 400],
  ['RFC 9112 6.1 the same, other way round (engine)', post(chunked, 'Content-Length: 5'), 400],
  ['RFC 9112 6.1 Transfer-Encoding: identity', post('Transfer-Encoding: identity'), 400],
  ['RFC 9112 6.1 Transfer-Encoding: xchunked', post('Transfer-Encoding: xchunked'), 400],
  ['RFC 9112 6.1 gzip, chunked', post('Transfer-Encoding: gzip, chunked'), 400],
  ['RFC 9112 6.1 chunked, identity', post('Transfer-Encoding: chunked, identity'), 400],
  ['RFC 9112 6.1 chunked on two lines', post(chunked, chunked), 400],
  ['RFC 9112 6.1 an empty one, then chunked', post('Transfer-Encoding:', chunked), 400],
  ['RFC 9112 6.1 chunked, then an empty one', post(chunked, 'Transfer-Encoding:'), 400],
  ['RFC 9112 3.2 no Host (engine)', host('X: y'), 400],
  ['RFC 9112 3.2 two Hosts (engine)', host('Host: a', 'Host: b'), 400],
  ['RFC 9112 3.2 the same Host twice (engine)', host('Host: a', 'Host: a'), 400],
  ['RFC 9112 3.2 empty Host', host('Host:'), 400],
  ['RFC 9110 7.2 Host with a space', host('Host: a b'), 400],
  ['RFC 9110 7.2 Host with a path', host('Host: a/b'), 400],
  ['RFC 9110 7.2 Host with a user', host('Host: b@a'), 400],
  ['RFC 9110 7.2 Host with a bad port', host('Host: a:80a'), 400],
  ['RFC 9110 7.2 Host with an open bracket', host('Host: [::1'), 400],
  ['RFC 9110 7.2 Host with bytes over 127', host('Host: \xe4.example'), 400],
  ['RFC 9110 9.1 a method that is no token', 'G(T /a HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ['RFC 9110 9.3.6 CONNECT', 'CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['RFC 9110 9.3.8 TRACE', 'TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['RFC 9112 3.2 a fragment', target('/a#b'), 400],
  ['RFC 9112 3.2 raw bytes over 127', target('/\xc3\xa4'), 400],
  ['RFC 9112 3.2 bytes that are no UTF-8', target('/\xff\x80'), 400],
  ['RFC 9112 3.2 a control character (engine)', target('/a\x01b'), 505],
  ['RFC 9112 3.2 DEL', target('/a\x7fb'), 400],
  ['a backslash, which some take for a slash', target('/a\\..\\b'), 400],
  ['RFC 3986 2.1 a broken escape in the path', target('/a%2'), 400],
  ['RFC 9110 15.5.15 a target over 8 KiB', target(`/${'a'.repeat(8_192)}`), 414],
  ['RFC 9110 15.5.15 a query over 8 KiB', target(`/?${'a'.repeat(8_191)}`), 414],
  ['RFC 9110 10.1.1 an unknown expectation', post('Expect: 200-ok', 'Content-Length: 0'), 417],
  ['RFC 9110 15.5.14 too large by Content-Length', post('Content-Length: 1001'), 413],
  ['RFC 9112 2.2 a bare LF in a field (engine)', host('Host: a\nX: y'), 400],
  ['RFC 9110 5.5 NUL in a value (engine)', host('Host: a', 'X: \0'), 400],
  ['RFC 9112 5.2 a folded line (engine)', host('Host: a', 'X: y', ' z'), 400],
  ['RFC 9112 5.1 a space before the colon (engine)', host('Host: a', 'X : y'), 400],
  ['RFC 6585 5 a head over 16 KiB (engine)', host('Host: a', longLine, longLine, longLine), 431],
  ['RFC 6585 5 more than 98 lines (engine)', host('Host: a', ...Array(99).fill('X: y')), 431],
]

async function stage(t: Test): Promise<{ edge: TestEdge; origin: RawOrigin }> {
  const origin = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nreached!!')
  })
  const config = testConfig(t, [origin.url], {}, { limits: { bodyBytesMax: 1_000 } })
  return { edge: await startEdge(t, config), origin }
}

/** Everything that comes back until the connection ends. */
async function tell(edge: TestEdge, bytes: string): Promise<string> {
  const client = await connectRaw(edge.port)
  client.write(Buffer.from(bytes, 'latin1'))
  return client.closed()
}

function answers(text: string): number {
  return text.split('HTTP/1.1 ').length - 1
}

t.test('each is answered once with its status, and the connection is closed', onUws, async t => {
  const { edge, origin } = await stage(t)
  await Promise.all(
    table.map(async ([name, bytes, status]) => {
      const answer = await tell(edge, bytes)
      t.equal(answer.slice(0, 12), `HTTP/1.1 ${status}`, name)
      t.equal(answers(answer), 1, `${name}: one answer`)
    }),
  )
  t.strictSame(origin.heads, [], 'nothing reached the origin')
})

t.test('a request smuggled behind it in the same segment is never answered', onUws, async t => {
  const { edge, origin } = await stage(t)
  await Promise.all(
    table.map(async ([name, bytes]) => {
      const answer = await tell(edge, bytes + follower)
      t.ok(answers(answer) <= 1, `${name}: ${JSON.stringify(answer.slice(0, 60))}`)
      t.notMatch(answer, /reached|200 OK/, name)
    }),
  )
  t.strictSame(origin.heads, [], 'nothing reached the origin')
})

t.test('a HEAD that is refused is closed too, without a body (RFC 9110 9.3.2)', async t => {
  const { edge, origin } = await stage(t)
  const head = 'HEAD /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n'
  const answer = await tell(edge, head)
  t.match(answer, /^HTTP\/1\.1 400 .*\r\nContent-Length: \d+\r\n(.*\r\n)?\r\n$/s)
  t.match(answer, /\r\nConnection: close\r\n/)
  t.strictSame(origin.heads, [])
})

t.test('a chunked body beyond bodyBytesMax is 413, and the origin never gets it whole', async t => {
  const { edge, origin } = await stage(t)
  const chunk = `1f4\r\n${'x'.repeat(500)}\r\n`
  const answer = await tell(edge, `${post(chunked)}${chunk}${chunk}${chunk}0\r\n\r\n`)
  t.match(answer, /^HTTP\/1\.1 413 /)
  t.match(answer, /\r\nConnection: close\r\n/)
  t.equal(answers(answer), 1)
  t.ok(origin.heads.length <= 1)
  await edge.idle()
  t.match(accessLines(edge), [{ status: 413, result: 'error', detail: 'body-too-large' }])
})

t.test('a listener that takes no chunked bodies says so (RFC 9112 6.3), and takes others', async t => {
  const { url, heads } = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const listen = [{ address: '127.0.0.1', port: 0, chunkedUploads: 'refuse' }]
  const edge = await startEdge(t, testConfig(t, [url], {}, { listen }))
  const answer = await tell(edge, `${post(chunked)}5\r\nhello\r\n0\r\n\r\n`)
  t.match(answer, /^HTTP\/1\.1 411 /)
  t.match(answer, /\r\nCache-Status: naij; detail=length-required\r\n/)
  t.match(answer, /\r\nConnection: close\r\n/)
  t.equal(answers(answer), 1)
  t.strictSame(heads, [])
  t.match(await tell(edge, `${post('Content-Length: 5', 'Connection: close')}hello`), /^HTTP\/1\.1 200 /)
})

t.test('what we refuse ourselves is a complete small answer, logged and counted once', async t => {
  const { edge } = await stage(t)
  const answer = await tell(edge, target('/a#b'))
  t.match(answer, /\r\nCache-Control: no-store\r\n/)
  t.match(answer, /\r\nCache-Status: naij; detail=target\r\n/)
  t.match(answer, /\r\nVia: 1\.1 naij\r\n/)
  t.match(answer, /\r\nDate: /)
  const [head, body] = answer.split('\r\n\r\n')
  t.match(head, `Content-Length: ${body.length}`)
  await edge.idle()
  t.match(edge.counters(), { requests: 1, results: { refused: 1 }, statusClasses: [0, 0, 0, 0, 1, 0] })
  t.match(accessLines(edge), [{ status: 400, result: 'refused', detail: 'target', target: '/a#b' }])
})

t.test(
  'after a chunked body nothing more is answered: the engine does not check chunk framing',
  onUws,
  async t => {
    const table: [string, string, string, number][] = [
      ['an answer with a body', 'POST', 'a', 200],
      ['204', 'POST', 'a', 204],
      ['304', 'GET', 'a', 304],
      ['HEAD', 'HEAD', 'a', 200],
      ['a refusal', 'POST', 'unknown', 421],
    ]
    for (const [name, method, host, status] of table) {
      const origin = await startOrigin(t, (request, response) => {
        request.resume().on('end', () => {
          response.writeHead(status, status === 200 ? { 'Content-Length': '2' } : {})
          response.end(status === 200 ? 'ok' : '')
        })
      })
      const edge = await startEdge(t, testConfig(t, [origin.url], { hosts: ['a'] }))
      const client = await connectRaw(edge.port)
      const since = performance.now()
      client.write(`${method} /a HTTP/1.1\r\nHost: ${host}\r\n${chunked}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)
      const text = await client.closed()
      t.equal(answers(text), 1, name)
      t.match(text, `HTTP/1.1 ${status} `, name)
      t.match(text, /\r\nConnection: close\r\n/, name)
      t.ok(performance.now() - since < 8_000, `${name}: closed by us`)
    }
  },
)
