// HTTP/2 on the engine node: the same path behind other framing.

import type { RequestListener } from 'node:http'
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { always, noise, until } from '../support/play.js'

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

async function stage(t: Test, script: RequestListener, more: Record<string, unknown> = {}) {
  const origin = await startOrigin(t, script)
  const listen = [{ address: '127.0.0.1', port: 0, engine: 'node', tls: { certificates: keyPairs(t) } }]
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { listen, ...more }))
  const session = connect(`https://localhost:${edge.port}`, { rejectUnauthorized: false })
  session.on('error', () => {})
  t.teardown(() => session.destroy())
  return { origin, edge, session }
}

function ask(
  session: ClientHttp2Session,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ':path': path, ':authority': 'play.example', ...headers },
      { endStream: body === undefined },
    )
    let answered: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
    const chunks: Buffer[] = []
    stream.on('response', given => {
      answered = given
    })
    stream.on('data', chunk => chunks.push(chunk))
    stream.on('error', reject)
    stream.on('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) reject(new Error(`reset: ${stream.rstCode}`))
      else resolve({ status: answered[':status'] ?? 0, headers: answered, body: Buffer.concat(chunks) })
    })
    if (body !== undefined) stream.end(body)
  })
}

t.test('a miss, hits, HEAD, 304 and a range', needsAddon, async t => {
  const body = noise(100_000)
  const { origin, session } = await stage(t, (_, response) => {
    response.writeHead(200, {
      'Cache-Control': 'max-age=60',
      ETag: '"a"',
      'Set-Cookie': [],
      Connection: 'x-hop',
      'X-Hop': '1',
    })
    response.end(body)
  })
  const miss = await ask(session, '/a')
  t.match(miss, { status: 200, headers: { 'cache-status': /fwd=uri-miss.*stored/, via: '1.1 naij' } })
  t.ok(miss.body.equals(body))
  t.notOk('connection' in miss.headers || 'x-hop' in miss.headers || 'transfer-encoding' in miss.headers)
  t.ok(miss.headers.date)
  const hits = await Promise.all(Array.from({ length: 50 }, () => ask(session, '/a')))
  for (const hit of hits) {
    t.match(hit, { status: 200, headers: { 'cache-status': /hit/, 'content-length': '100000' } })
    t.ok(hit.body.equals(body))
  }
  t.match(await ask(session, '/a', { ':method': 'HEAD' }), {
    status: 200,
    headers: { 'content-length': '100000' },
  })
  const unchanged = await ask(session, '/a', { 'if-none-match': '"a"' })
  t.equal(unchanged.status, 304)
  t.equal(unchanged.body.length, 0)
  const part = await ask(session, '/a', { range: 'bytes=10-19' })
  t.match(part, { status: 206, headers: { 'content-range': 'bytes 10-19/100000' } })
  t.ok(part.body.equals(body.subarray(10, 20)))
  t.equal(origin.asked.length, 1)
})

t.test('what the origin is told (RFC 9113 8.2.3, 8.3.1)', needsAddon, async t => {
  const { origin, session } = await stage(t, always(200, { 'Set-Cookie': ['a=1', 'b=2'] }, 'ok'))
  const answer = await ask(session, '/a?b', { cookie: ['x=1', 'y=2'], te: 'trailers', 'x-a': 'b' })
  t.strictSame(answer.headers['set-cookie'], ['a=1', 'b=2'])
  const [asked] = origin.asked
  t.match(asked, { method: 'GET', target: '/a?b' })
  t.match(asked!.headers, {
    host: 'play.example',
    cookie: 'x=1; y=2',
    'x-a': 'b',
    'x-forwarded-proto': 'https',
  })
  t.notOk('te' in asked!.headers || 'transfer-encoding' in asked!.headers)
  t.notOk(asked!.fields.some(text => text.startsWith(':')))
})

t.test('bodies of known and of unknown length reach the origin, and may be followed', needsAddon, async t => {
  const { origin, session } = await stage(t, (request, response) => void request.pipe(response))
  const body = noise(300_000)
  for (const headers of [{ 'content-length': String(body.length) }, {}]) {
    const answer = await ask(session, '/a', { ':method': 'POST', ...headers }, body)
    t.equal(answer.status, 200)
    t.ok(answer.body.equals(body))
  }
  t.match(origin.asked[0]!.headers, { 'content-length': '300000' })
  t.match(origin.asked[1]!.headers, { 'transfer-encoding': 'chunked' })
  t.equal((await ask(session, '/b')).status, 200, 'on the same connection')
})

t.test('a length that does not fit its body is no whole request', needsAddon, async t => {
  const ends: boolean[] = []
  const { edge, session } = await stage(t, (request, response) => {
    request.on('error', () => {})
    request.once('close', () => ends.push(request.complete))
    request.resume().once('end', () => response.end())
  })
  await t.rejects(ask(session, '/a', { ':method': 'POST', 'content-length': '10' }, Buffer.from('hello')))
  await edge.idle()
  t.notOk(ends.includes(true), 'at the origin it is broken off, if it came so far')
})

const refused: [row: string, headers: OutgoingHttpHeaders, status: number][] = [
  ['another Host', { host: 'else.example' }, 400],
  ['a Host with a user', { ':authority': 'u@play.example' }, 400],
  ['TRACE', { ':method': 'TRACE' }, 405],
  ['a target over 8 KiB', { ':path': `/${'a'.repeat(8_192)}` }, 414],
  ['a fragment', { ':path': '/a#b' }, 400],
]
t.test('what is refused, and that its connection goes on', needsAddon, async t => {
  const { origin, session } = await stage(t, always(200, {}, 'ok'))
  for (const [row, headers, status] of refused)
    t.equal(await ask(session, '/r', headers).then(answer => answer.status, String), status, row)
  await t.rejects(ask(session, '/r', { ':authority': '' }), 'no authority: the engine resets the stream')
  t.equal(origin.asked.length, 0)
  t.equal((await ask(session, '/a', { host: 'play.example' })).status, 200)
})

t.test('a stream that its client resets ends its pass, and no other', needsAddon, async t => {
  let closed = 0
  const { origin, edge, session } = await stage(t, (request, response) => {
    if (request.url === '/a') return void response.once('close', () => (closed += 1))
    response.end('ok')
  })
  const stream = session.request({ ':path': '/a', ':authority': 'play.example', ':method': 'DELETE' })
  stream.on('error', () => {})
  await until(() => origin.asked.length === 1)
  stream.close(constants.NGHTTP2_CANCEL)
  await until(() => closed === 1)
  t.equal((await ask(session, '/b')).status, 200)
  t.match(edge.counters(), { clientAborts: 1 })
})

t.test('a client that reads slowly holds little', needsAddon, async t => {
  const body = noise(8_000_000)
  const { session, edge } = await stage(t, (_, response) => {
    response.writeHead(200, { 'Content-Length': String(body.length), 'Cache-Control': 'max-age=60' })
    response.end(body)
  })
  const stream = session.request({ ':path': '/a', ':authority': 'play.example' })
  const chunks: Buffer[] = []
  stream.pause()
  await new Promise(resolve => stream.once('response', resolve))
  stream.on('data', chunk => chunks.push(chunk)).resume()
  await new Promise(resolve => stream.once('end', resolve))
  t.ok(Buffer.concat(chunks).equals(body))
  await edge.idle()
})

t.test(
  'a worker that leaves finishes what is under way and says goodbye (RFC 9113 6.8)',
  needsAddon,
  async t => {
    let answer = () => {}
    const { origin, edge, session } = await stage(t, (_, response) => {
      answer = () => response.end('ok')
    })
    const pending = ask(session, '/a')
    await until(() => origin.asked.length === 1)
    const goodbye = new Promise(resolve => session.once('goaway', resolve))
    const stopped = edge.stop()
    await goodbye
    answer()
    t.match(await pending, { status: 200 })
    await stopped
  },
)
