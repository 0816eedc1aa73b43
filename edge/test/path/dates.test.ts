// Plays: whose Date a client gets. The engine uws writes its own, whatever we do; on node it is that of the response, as who
// passes on or keeps a response leaves it (RFC 9110 6.6.1).
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { allValues } from '../../http/fields.js'
import type { Reply } from '../support/client.js'
import { get } from '../support/client.js'
import { engine, startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { until } from '../support/play.js'
import { body, bytes, sliced } from '../support/sliced.js'

const date = 'Wed, 01 May 2024 12:00:00 GMT'
const isOurs = engine === 'uws'

/** `Date` of an answer: `theirs`, or of these seconds. */
function dateIs(t: Test, { fields }: Reply, theirs: string | undefined, what: string): void {
  const [value = '', ...others] = allValues(fields, 'date')
  t.strictSame(others, [], `${what}: one`)
  if (theirs === undefined || isOurs) t.ok(Math.abs(Date.now() - Date.parse(value)) < 60_000, `${what}: now`)
  else t.equal(value, theirs, what)
}

/** An edge in front of an origin that sends these lines with all that it sends. */
async function edgeOf(t: Test, lines: string[], status = '200 OK', store?: 'lmdb') {
  const origin = await startRawOrigin(t, socket => {
    const head = [`HTTP/1.1 ${status}`, ...lines, 'Content-Length: 4']
    socket.write([...head, '', 'okay'].join('\r\n'), 'latin1')
  })
  return { origin, edge: await startEdge(t, testConfig(t, [origin.url]), store) }
}

const stored = ['Cache-Control: max-age=99999999999', 'ETag: "a"']

t.test('of a miss, of hits of every kind, and of none of our own answers', async t => {
  const { origin, edge } = await edgeOf(t, [`Date: ${date}`, ...stored])
  const asked: [what: string, status: number, options: object][] = [
    ['a miss', 200, {}],
    ['a hit', 200, {}],
    ['HEAD', 200, { method: 'HEAD' }],
    ['304', 304, { headers: { 'If-None-Match': '"a"' } }],
    ['a part', 206, { headers: { Range: 'bytes=0-1' } }],
    ['parts', 206, { headers: { Range: 'bytes=0-0,3-3' } }],
    ['no part', 416, { headers: { Range: 'bytes=9-' } }],
  ]
  for (const [what, status, options] of asked) {
    const reply = await get(edge.port, '/', options)
    t.equal(reply.status, status, what)
    dateIs(t, reply, date, what)
  }
  t.equal(origin.heads.length, 1)
  const refused = await get(edge.port, '/', { headers: { 'If-Match': '"b"' } })
  t.equal(refused.status, 412)
  dateIs(t, refused, undefined, '412')
})

t.test('of a miss that is answered with 304, a part, no part', needsAddon, async t => {
  const { edge } = await edgeOf(t, [`Date: ${date}`, ...stored], '200 OK', 'lmdb')
  const asked: [status: number, headers: Record<string, string>][] = [
    [304, { 'If-None-Match': '"a"' }],
    [206, { Range: 'bytes=0-1' }],
    [416, { Range: 'bytes=9-' }],
  ]
  for (const [status, headers] of asked) {
    const reply = await get(edge.port, `/${status}`, { headers })
    t.equal(reply.status, status)
    dateIs(t, reply, date, String(status))
  }
})

const others: [what: string, lines: string[], theirs: string | undefined][] = [
  ['none', [], undefined],
  ['one that is no date', ['Date: yesterday'], undefined],
  ['two', [`Date: ${date}`, 'Date: Wed, 01 May 2024 13:00:00 GMT'], undefined],
  ['one in an old form', ['Date: Wednesday, 01-May-24 12:00:00 GMT'], date],
]
for (const [what, lines, theirs] of others) {
  t.test(`the origin sends ${what}: that of the receipt where none can be read`, async t => {
    const { edge } = await edgeOf(t, [...lines, ...stored])
    for (const kind of ['a miss', 'a hit']) dateIs(t, await get(edge.port, '/'), theirs, kind)
  })
}

t.test('of what is passed through, errors too, and of none of our own for an origin that fails', async t => {
  for (const status of ['200 OK', '500 Oops']) {
    const { edge } = await edgeOf(t, [`Date: ${date}`, 'Cache-Control: no-store'], status)
    dateIs(t, await get(edge.port, '/'), date, status)
    dateIs(t, await get(edge.port, '/', { method: 'POST', body: 'x' }), date, `POST ${status}`)
  }
  const { edge } = await edgeOf(t, [`Date: ${date}`, 'A B: c'])
  const failed = await get(edge.port, '/')
  t.equal(failed.status, 502)
  dateIs(t, failed, undefined, '502')
})

t.test('of what another has asked for, of a compressed form, of an object in blocks', needsAddon, async t => {
  const waiting: (() => void)[] = []
  const { ask, edge } = await sliced(t, (request, response) => {
    const [first = 0, last = body.length - 1] = (request.headers.range?.match(/\d+/g) ?? []).map(Number)
    const part = body.subarray(first, last + 1)
    response
      .setHeader('Date', date)
      .setHeader('Cache-Control', 'max-age=99999999999')
      .setHeader('ETag', '"a"')
    if (request.url === '/held') waiting.push(() => response.end('okay'))
    else if (request.url === '/text') response.setHeader('Content-Type', 'text/css').end('text '.repeat(1000))
    else
      response
        .writeHead(206, {
          'Content-Range': `bytes ${first}-${last}/${body.length}`,
          'Content-Length': part.length,
        })
        .end(part)
  })
  const held = [ask('/held'), ask('/held')]
  await until(() => edge.counters().active === 2 && waiting.length === 1)
  waiting[0]!()
  for (const reply of await Promise.all(held)) dateIs(t, reply, date, 'collapsed')
  for (const kind of ['miss', 'hit']) {
    const reply = await ask('/text', { headers: { 'Accept-Encoding': 'gzip' } })
    t.equal(reply.headers['content-encoding'], 'gzip')
    dateIs(t, reply, date, `coded ${kind}`)
  }
  for (const [first, last] of [
    [0, 9],
    [0, body.length - 1],
  ] as const) {
    const reply = await ask('/blocks', bytes(first, last))
    t.equal(reply.status, 206)
    t.equal(reply.body.length, last - first + 1)
    dateIs(t, reply, date, 'in blocks')
  }
})
