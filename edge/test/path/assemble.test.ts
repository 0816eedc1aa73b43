// Plays: what a client gets of the fields that an origin sent: one line of what has one value, nothing that was for us
// alone, and lifetimes that mean downstream what the origin said (http-rules.md 6, 24, 34).
import t, { type Test } from 'tap'
import { allValues } from '../../http/fields.js'
import type { Reply } from '../support/client.js'
import { get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { always, play } from '../support/play.js'

const date = 'Wed, 01 May 2024 12:00:00 GMT'
const aMinuteLater = 'Wed, 01 May 2024 12:01:00 GMT'

/** What clients get of an origin that sends these lines, on the miss and then from the store. */
async function missAndHit(t: Test, lines: string[]): Promise<Reply[]> {
  const origin = await startRawOrigin(t, socket => {
    socket.write(['HTTP/1.1 200 OK', ...lines, 'Content-Length: 2', '', 'ok'].join('\r\n'), 'latin1')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const replies = [await get(edge.port, '/'), await get(edge.port, '/')]
  t.equal(origin.heads.length, 1, 'the second is a hit')
  return replies
}

t.test('two lines of what has one value: the client gets one', async t => {
  const replies = await missAndHit(t, [
    ...['Date: Wed, 01 May 2024 12:00:00 GMT', 'Date: Wed, 01 May 2024 13:00:00 GMT'],
    ...['Age: 5', 'Age: 7', 'Content-Type: text/plain', 'Content-Type: text/html'],
    ...['ETag: "a"', 'ETag: "b"', 'Cache-Control: public', 'Cache-Control: max-age=3600'],
    ...['Set-Cookie: a=1', 'Set-Cookie: b=2'],
  ])
  for (const { fields, text } of replies) {
    const values = (name: string) => allValues(fields, name)
    t.equal(text, 'ok')
    t.equal(values('date').length, 1)
    t.notMatch(values('date'), ['2024'], "the engine's, not the origin's")
    t.match(values('age'), [/^[5-9]$/])
    t.equal(values('age').length, 1)
    t.equal(values('content-length').length, 1)
    t.strictSame(values('content-type'), ['text/plain'], 'the one that rules by type went by')
    t.strictSame(values('etag'), ['"a"'])
    t.strictSame(values('cache-control'), ['public', 'max-age=3600'], 'lists stay as they came')
    t.strictSame(values('set-cookie'), ['a=1', 'b=2'])
  }
})

t.test('what was for us alone stays here, and Via goes on (RFC 9110 7.6.1, 7.6.3)', async t => {
  const replies = await missAndHit(t, [
    ...['Connection: x-mine, keep-alive, Cache-Control', 'X-Mine: 1', 'Keep-Alive: timeout=5'],
    ...['Proxy-Connection: keep-alive', 'Proxy-Authenticate: Basic', 'Proxy-Authentication-Info: x'],
    ...['Trailer: X-End', 'Upgrade: h2c', 'TE: trailers'],
    ...['Via: 1.1 far', 'Via: 1.0 near', 'X-Theirs: 2', 'Cache-Control: max-age=60'],
  ])
  for (const { fields, headers } of replies) {
    const names = ['x-mine', 'proxy-connection', 'proxy-authenticate', 'proxy-authentication-info']
    for (const name of [...names, 'trailer', 'upgrade', 'te']) t.notOk(name in headers, name)
    t.notMatch(headers['keep-alive'], /timeout=5$/)
    t.notMatch(headers.connection, /x-mine/i)
    t.match(headers, { 'x-theirs': '2', 'cache-control': 'max-age=60' })
    t.strictSame(allValues(fields, 'via'), ['1.1 far', '1.0 near', '1.1 naij'])
  }
})

const beside: [row: string, lines: string[], expected: string[]][] = [
  ['RFC 9111 4.2.1 Expires alone', [`Expires: ${aMinuteLater}`], ['max-age=60']],
  [
    'RFC 9213 2.2 a targeted field rules here',
    [`Expires: ${aMinuteLater}`, 'CDN-Cache-Control: max-age=9'],
    ['max-age=60'],
  ],
  [
    'RFC 9111 5.3 a max-age outranks it',
    [`Expires: ${aMinuteLater}`, 'Cache-Control: max-age=5'],
    ['max-age=5'],
  ],
  ['RFC 9111 5.3 in the past', ['Expires: Wed, 01 May 2024 11:00:00 GMT'], ['max-age=0']],
  ['RFC 9111 5.3 invalid', ['Expires: 0'], ['max-age=0']],
]
for (const [row, lines, expected] of beside) {
  t.test(`max-age beside Expires: ${row}`, async t => {
    const { origin, ask } = await play(t, (_, response) => {
      response.sendDate = false
      const split = [...lines, `Date: ${date}`, 'ETag: "a"'].flatMap(line => line.split(/: (.*)/, 2))
      response.writeHead(200, split).end('ok')
    })
    for (const reply of [await ask('/'), await ask('/')]) {
      t.strictSame(allValues(reply.fields, 'cache-control'), expected)
      t.equal(allValues(reply.fields, 'expires').length, 1)
    }
    t.ok(origin.asked.length > 0)
  })
}

t.test("a time that the site forces is ours: the client gets the origin's (http-rules.md 24)", async t => {
  const rules = [{ path: '/*', ttlMs: '1h' }]
  const now = Date.now()
  const at = (ms: number) => new Date(now + ms).toUTCString()
  const script = always(200, { Date: at(0), Expires: at(60_000) }, 'ok')
  const { origin, ask } = await play(t, script, { site: { cache: { rules } } })
  for (const reply of [await ask('/'), await ask('/')]) {
    t.strictSame(allValues(reply.fields, 'cache-control'), ['max-age=60'])
  }
  t.equal(origin.asked.length, 1)
})

t.test('an answer that streams through says how old it is (RFC 9111 5.1)', async t => {
  const aged = (age: string) => always(200, { 'Cache-Control': 'no-store', Age: age }, 'ok')
  const { origin, ask } = await play(t, aged('40'))
  t.match((await ask('/')).headers.age, /^4\d$/)
  origin.script = aged('0')
  t.match((await ask('/')).headers.age, /^\d$/, 'it came from a cache')
  origin.script = always(200, { 'Cache-Control': 'no-store' }, 'ok')
  t.notMatch((await ask('/')).headers.age, /^\d{2}/)
})
