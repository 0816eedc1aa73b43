// Plays: what is stored, and what a hit gives back. What is not stored, and why, is unstored.test.ts's.
import t from 'tap'
import { connectRaw, get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { accessLines, always, cacheStatus, noise, play } from '../support/play.js'

const mebibyte = 1_048_576
const minute = { 'Cache-Control': 'max-age=60' }

t.test('a page is a miss, then a hit with Age, Via and Cache-Status', async t => {
  const { edge, origin, ask } = await play(t, always(200, { ...minute, 'X-Two': ['a', 'b'] }, 'hello'))
  const first = await ask('/a?b=c')
  t.match(first, { status: 200, text: 'hello' })
  t.equal(first.headers['cache-status'], 'naij; fwd=uri-miss; fwd-status=200; stored')
  const second = await ask('/a?b=c')
  t.match(second, {
    status: 200,
    text: 'hello',
    headers: { age: /^\d$/, via: '1.1 naij', 'content-length': '5' },
  })
  t.match(second.headers['cache-status'], /^naij; hit; ttl=(5\d|60)$/)
  t.strictSame(
    second.fields.filter((_, i) => second.fields[i - (i % 2)] === 'X-Two'),
    ['X-Two', 'a', 'X-Two', 'b'],
    'repeated lines stay apart',
  )
  for (const name of ['date', 'content-length', 'age', 'cache-status']) {
    t.equal(second.fields.filter(f => f.toLowerCase() === name).length, 1, `one ${name}`)
  }
  t.equal(origin.asked.length, 1)
  await edge.idle()
  t.match(edge.counters(), {
    requests: 2,
    results: { miss: 1, hit: 1 },
    originRequests: 1,
    statusClasses: [0, 0, 2, 0, 0, 0],
    bytesOut: 10,
    cacheEntries: 1,
  })
  t.match(accessLines(edge), [
    { method: 'GET', target: '/a?b=c', status: 200, result: 'miss', bytesOut: 5, site: 'play' },
    { result: 'hit', status: 200, bytesOut: 5, client: '127.0.0.1', completed: true },
  ])
})

t.test('HEAD is answered from a stored GET (RFC 9110 9.3.2)', async t => {
  const { origin, ask } = await play(t, always(200, { ...minute, ETag: '"a"' }, 'hello'))
  await ask('/a')
  const reply = await ask('/a', { method: 'HEAD' })
  t.match(reply, { status: 200, text: '', headers: { 'content-length': '5', etag: '"a"', age: /^\d$/ } })
  t.match(cacheStatus(reply), /^hit/)
  t.equal(origin.asked.length, 1)
})

t.test('HEAD of what is not stored is passed and stores nothing', async t => {
  const { origin, ask } = await play(t, always(200, { ...minute, 'Content-Length': '5' }, 'hello'))
  const reply = await ask('/a', { method: 'HEAD' })
  t.match(reply, { status: 200, text: '', headers: { 'content-length': '5' } })
  t.equal(cacheStatus(reply), 'fwd=uri-miss; fwd-status=200')
  t.match(await ask('/a'), { status: 200, text: 'hello', headers: { 'cache-status': /uri-miss/ } })
  t.strictSame(
    origin.asked.map(({ method }) => method),
    ['HEAD', 'GET'],
  )
})

t.test('every status that says how long it is fresh is stored with its body and fields', async t => {
  const table: [number, Record<string, string>, string][] = [
    [200, {}, ''],
    [200, { 'Content-Length': '0' }, ''],
    [204, {}, ''],
    [301, { Location: '/elsewhere' }, 'moved'],
    [302, { Location: '/elsewhere?a=b' }, ''],
    [308, { Location: 'http://other.example/' }, ''],
    [404, {}, 'not here'],
    [410, {}, 'gone'],
    [500, {}, 'broken'],
    [503, { 'Retry-After': '9' }, 'later'],
    [299, {}, 'a status nobody knows'],
  ]
  for (const [status, headers, body] of table) {
    const { origin, ask } = await play(t, always(status, { ...minute, ...headers }, body))
    const first = await ask('/a')
    const second = await ask('/a')
    for (const reply of [first, second]) {
      t.match(reply, { status, text: body }, `${status}`)
      t.equal(reply.headers.location, headers.Location, `${status} Location`)
    }
    t.match(cacheStatus(second), /^hit/, `${status} is a hit`)
    // RFC 9110 8.6: none in a 204.
    t.equal(
      second.headers['content-length'],
      status === 204 ? undefined : `${body.length}`,
      `${status} length`,
    )
    t.equal(origin.asked.length, 1, `${status} asked once`)
  }
})

t.test('a body of exactly 1 MiB is stored, of known length and chunked', async t => {
  const body = noise(mebibyte)
  for (const headers of [{ 'Content-Length': `${mebibyte}` }, { 'Transfer-Encoding': 'chunked' }]) {
    const { ask } = await play(t, (_, response) => {
      response.writeHead(200, { ...minute, ...headers })
      response.end(body)
    })
    t.ok((await ask('/a')).body.equals(body))
    const second = await ask('/a')
    t.match(cacheStatus(second), /^hit/)
    t.ok(second.body.equals(body))
  }
})

t.test('one byte more passes complete and uncached, of known length and chunked', async t => {
  const body = noise(mebibyte + 1)
  for (const headers of [{ 'Content-Length': `${body.length}` }, { 'Transfer-Encoding': 'chunked' }]) {
    const { edge, origin, ask } = await play(t, (_, response) => {
      response.writeHead(200, { ...minute, ...headers })
      response.end(body)
    })
    for (let turn = 0; turn < 2; turn += 1) t.ok((await ask('/a')).body.equals(body))
    t.equal(origin.asked.length, 2)
    await edge.idle()
    t.match(edge.counters(), { cacheEntries: 0, results: { miss: 2 } })
  }
})

t.test('field values over 127 pass byte-exact in both directions, stored or not', async t => {
  const latin1 = 'caf\xe9 \xff\x80 end'
  const utf8 = Buffer.from('grüße', 'utf8').toString('latin1')
  const origin = await startRawOrigin(t, socket => {
    socket.write(
      `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX-Latin: ${latin1}\r\nX-Utf: ${utf8}\r\nContent-Length: 2\r\n\r\nok`,
      'latin1',
    )
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  for (const turn of ['miss', 'hit']) {
    const client = await connectRaw(edge.port)
    const head = `GET /a HTTP/1.1\r\nHost: a.example\r\nX-Ask: ${latin1}\r\nX-Utf: ${utf8}\r\n\r\n`
    client.write(Buffer.from(head, 'latin1'))
    const answer = await client.until('\r\n\r\nok')
    t.match(answer, `X-Latin: ${latin1}\r\n`, `latin1 in a ${turn}`)
    t.match(answer, `X-Utf: ${utf8}\r\n`, `UTF-8 in a ${turn}`)
    client.socket.destroy()
  }
  t.equal(origin.heads.length, 1)
  t.match(origin.heads[0], `x-ask: ${latin1}\r\n`)
  t.match(origin.heads[0], `x-utf: ${utf8}\r\n`)
})

t.test('a response with Expires alone gets a max-age of the same meaning beside it', async t => {
  const nowMs = Date.now()
  const headers = {
    Date: new Date(nowMs).toUTCString(),
    Expires: new Date(nowMs + 50_000).toUTCString(),
  }
  const { ask } = await play(t, always(200, headers, 'x'))
  for (const expected of [/stored$/, /^hit; ttl=(4\d|50)$/]) {
    const reply = await ask('/a')
    t.match(cacheStatus(reply), expected)
    t.match(reply.headers, { expires: headers.Expires, 'cache-control': 'max-age=50' })
  }
})

t.test('the Age a response came with counts on (RFC 9111 4.2.3)', async t => {
  const { ask } = await play(t, always(200, { 'Cache-Control': 'max-age=200', Age: '100' }, 'x'))
  t.match((await ask('/a')).headers.age, /^10\d$/)
  const hit = await ask('/a')
  t.match(hit.headers.age, /^10\d$/)
  t.match(cacheStatus(hit), /^hit; ttl=(9\d|100)$/)
  t.equal(hit.fields.filter(name => name.toLowerCase() === 'age').length, 1)
})

t.test('what was stored is a hit after a restart', async t => {
  const origin = await startOrigin(
    t,
    always(200, { ...minute, ETag: '"a"', Vary: 'Accept-Language' }, 'hello'),
  )
  const config = testConfig(t, [origin.url])
  const before = await startEdge(t, config, 'lmdb')
  // Its own port is part of a client's Host, and so of the key.
  const host = { headers: { host: 'a' } }
  await get(before.port, '/a', host)
  await before.stop()
  const after = await startEdge(t, config, 'lmdb')
  const reply = await get(after.port, '/a', host)
  t.match(reply, { status: 200, text: 'hello', headers: { etag: '"a"', 'content-length': '5' } })
  t.match(cacheStatus(reply), /^hit/)
  t.equal(origin.asked.length, 1)
  // The list of variants and the one variant.
  t.equal(after.counters().cacheEntries, 2)
})

t.test('requests of different hosts, paths and queries never share', async t => {
  const { origin, ask } = await play(t, (request, response) => {
    response.writeHead(200, minute)
    response.end(`${request.headers.host} ${request.url}`)
  })
  const asked: [string, string][] = [
    ['a.example', '/a'],
    ['b.example', '/a'],
    ['a.example', '/a?'],
    ['a.example', '/a?b'],
    ['a.example', '//a'],
    ['a.example', '/a%2fb'],
    ['a.example', '/a/b'],
    ['a.example', '/A'],
  ]
  for (const [host, target] of [...asked, ...asked]) {
    const normal = target.replace('%2f', '%2F')
    t.equal((await ask(target, { headers: { host } })).text, `${host} ${normal}`)
  }
  t.equal(origin.asked.length, asked.length)
})
