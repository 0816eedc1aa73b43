// Plays: what is not stored and why, other methods, and what an unsafe one does to what is stored.
import t from 'tap'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { EdgeError } from '../../error.js'
import { connectRaw } from '../support/client.js'
import { onUws, startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { accessLines, always, cacheStatus, noise, play, until } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }

t.test('what must not be shared is not stored, and Cache-Status says why', async t => {
  const table: [string, string, Record<string, string>, Record<string, string>][] = [
    ['RFC 9111 5.2.2.5 no-store', 'no-store', { 'Cache-Control': 'max-age=60, no-store' }, {}],
    ['RFC 9111 5.2.2.7 private', 'private', { 'Cache-Control': 'max-age=60, private' }, {}],
    ['Set-Cookie', 'set-cookie', { ...minute, 'Set-Cookie': 'a=b' }, {}],
    ['RFC 9111 3.5 Authorization', 'authorization', minute, { authorization: 'Basic eA==' }],
    ['RFC 9111 4.1 Vary: *', 'vary-star', { ...minute, Vary: 'accept, *' }, {}],
    ['RFC 9111 3 no freshness, no validator', 'no-freshness', {}, {}],
    ['RFC 9111 5.3 Expires in the past', 'no-freshness', { Expires: '0' }, {}],
    [
      'a coding we cannot select by',
      'vary-coding',
      { ...minute, Vary: 'accept-encoding', 'Content-Encoding': 'compress' },
      {},
    ],
    ['RFC 9111 3.3 an unasked part', 'partial', { ...minute, 'Content-Range': 'bytes 0-4/9' }, {}],
  ]
  for (const [name, detail, headers, asked] of table) {
    const status = detail === 'partial' ? 206 : 200
    const { edge, origin, ask } = await play(t, always(status, headers, 'hello'))
    for (let turn = 0; turn < 2; turn += 1) {
      const reply = await ask('/a', { headers: asked })
      t.match(reply, { status, text: 'hello' }, name)
      t.equal(cacheStatus(reply), `fwd=uri-miss; fwd-status=${status}; detail=${detail}`, name)
    }
    t.equal(origin.asked.length, 2, `${name}: asked each time`)
    await edge.idle()
    t.match(
      accessLines(edge),
      [
        { result: 'miss', detail },
        { result: 'miss', detail },
      ],
      name,
    )
    t.equal(edge.counters().cacheEntries, 0, name)
  }
})

t.test('what says that it may be shared is stored all the same', async t => {
  const table: [string, Record<string, string>, Record<string, string>][] = [
    ['Authorization with public', { 'Cache-Control': 'public, max-age=60' }, { authorization: 'Basic eA==' }],
    ['Authorization with s-maxage', { 'Cache-Control': 's-maxage=60' }, { authorization: 'Basic eA==' }],
    ['Set-Cookie with public', { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'a=b' }, {}],
    ['a cookie in the request', minute, { cookie: 'a=b' }],
    [
      'a request that wants nothing stored',
      minute,
      { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
    ],
  ]
  for (const [name, headers, asked] of table) {
    const { origin, ask } = await play(t, always(200, headers, 'hello'))
    await ask('/a', { headers: asked })
    const reply = await ask('/a')
    t.match(cacheStatus(reply), /^hit/, name)
    t.equal(reply.headers['set-cookie']?.[0], headers['Set-Cookie'], name)
    t.equal(origin.asked.length, 1, name)
  }
})

t.test('fields that no-cache and private name are not reused (RFC 9111 5.2.2.4, 5.2.2.7)', async t => {
  const control = 'max-age=60, private="x-person", no-cache="x-once"'
  const headers = { 'Cache-Control': control, 'X-Person': 'me', 'X-Once': '1', 'X-All': 'us' }
  const { ask } = await play(t, always(200, headers, 'hello'))
  t.match((await ask('/a')).headers, { 'x-person': 'me', 'x-once': '1', 'x-all': 'us' })
  const hit = await ask('/a')
  t.match(cacheStatus(hit), /^hit/)
  t.equal(hit.headers['x-all'], 'us')
  t.notOk('x-person' in hit.headers || 'x-once' in hit.headers)
})

t.test('every other method passes with its body, and its answer is not stored', async t => {
  const { edge, origin, ask } = await play(t, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response.writeHead(200, minute)
    response.end(`${request.method} ${Buffer.concat(chunks).toString('latin1')}`)
  })
  const methods = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']
  for (const method of methods) {
    for (const body of ['some bytes', '']) {
      const reply = await ask('/a', { method, body })
      t.match(reply, { status: 200, text: `${method} ${body}` })
      t.equal(cacheStatus(reply), 'fwd=method; fwd-status=200')
    }
  }
  t.equal(origin.asked.length, methods.length * 2)
  await edge.idle()
  t.match(edge.counters(), { cacheEntries: 0, results: { pass: methods.length * 2 }, bytesIn: 60 })
})

t.test('a method that no HTTP library knows passes as it is written', onUws, async t => {
  const origin = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  client.write('SuMMon! /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
  t.match(await client.until('\r\n\r\nok'), /^HTTP\/1\.1 200 OK\r\n/)
  t.match(origin.heads[0], /^SuMMon! \/a HTTP\/1\.1\r\n/)
  client.socket.destroy()
})

t.test(
  'a GET with a body passes with it and neither uses nor changes the store (http-rules 11a)',
  async t => {
    const { origin, ask } = await play(t, async (request, response) => {
      let text = ''
      for await (const chunk of request) text += chunk
      response.writeHead(200, minute)
      response.end(text || 'nothing')
    })
    t.equal((await ask('/a')).text, 'nothing')
    const reply = await ask('/a', { method: 'GET', body: 'a body' })
    t.equal(reply.text, 'a body')
    t.equal(cacheStatus(reply), 'fwd=request; fwd-status=200')
    t.match(await ask('/a'), { text: 'nothing', headers: { 'cache-status': /hit/ } })
    t.equal(origin.asked.length, 2)
  },
)

t.test('an unsafe method that succeeds drops the URL, one that fails does not (RFC 9111 4.4)', async t => {
  const table: [string, number, RegExp][] = [
    ['POST', 200, /uri-miss/],
    ['PUT', 204, /uri-miss/],
    ['DELETE', 303, /uri-miss/],
    ['PURGE', 200, /uri-miss/],
    ['POST', 400, /hit/],
    ['PUT', 500, /hit/],
    ['OPTIONS', 200, /hit/],
  ]
  for (const [method, status, expected] of table) {
    const { ask, origin } = await play(t, (request, response) => {
      if (request.method === 'GET') return always(200, minute, 'hello')(request, response)
      return always(status, {})(request, response)
    })
    await ask('/a')
    await ask('/b')
    t.equal((await ask('/a', { method })).status, status)
    t.match(cacheStatus(await ask('/a')), expected, `${method} ${status}`)
    t.match(cacheStatus(await ask('/b')), /hit/, 'another URL is left alone')
    t.equal(origin.asked.length, /hit/.test(`${expected}`) ? 3 : 4)
  }
})

t.test('what finds no room among the fills passes whole and uncached', async t => {
  const body = noise(60_000)
  let last: () => void = () => {}
  const cache = { directory: t.testdir({}), fillBytesMax: '100KiB', objectBytesMax: '64KiB' }
  const { edge, ask } = await play(
    t,
    (request, response) => {
      response.writeHead(200, minute)
      if (request.url !== '/first') return void response.end(body)
      response.write(body)
      last = () => response.end()
    },
    { more: { cache } },
  )
  const client = await connectRaw(edge.port)
  client.write('GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => client.received().length > body.length)
  t.ok((await ask('/second')).body.equals(body))
  t.equal(edge.counters().cacheEntries, 0)
  last()
  await client.until(/0\r\n\r\n$/)
  client.socket.destroy()
  t.match(cacheStatus(await ask('/second')), /uri-miss/)
  t.match(cacheStatus(await ask('/second')), /^hit/)
  t.match(cacheStatus(await ask('/first', { headers: { host: 'localhost' } })), /^hit/)
})

t.test('a store that fails costs no request, and is said once in a while', async t => {
  const store: Store = {
    ...openMemoryStore({ bytesMax: 1_000 }),
    get: () => undefined,
    put: () =>
      Promise.reject(new EdgeError('store-full', 'the disk is full', { source: 'edge', status: 500 })),
    remove: () => Promise.reject(new EdgeError('store-failed', 'broken', { source: 'edge', status: 500 })),
    status: () => ({ entries: 0, bytes: 0 }),
    close: async () => {},
  }
  const { edge, ask } = await play(t, always(200, { ...minute, Vary: 'accept' }, 'x'), { store })
  for (let turn = 0; turn < 5; turn += 1) t.match(await ask('/a'), { status: 200, text: 'x' })
  t.equal((await ask('/a', { method: 'POST' })).status, 200)
  await edge.idle()
  t.match(
    edge.lines.filter(line => line.msg === 'an answer was not stored'),
    [{ code: 'store-full' }, { code: 'store-failed' }],
  )
  t.match(edge.counters(), { results: { miss: 5, pass: 1, error: 0 } })
})
