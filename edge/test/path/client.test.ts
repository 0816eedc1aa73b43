// Plays: clients that leave, close half, pipeline, or say goodbye in several ways. Slow readers are in stream.test.ts.

import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { connectRaw, type RawClient } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { accessLines, always, play, until } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }

function request(target: string, ...lines: string[]): string {
  return [`GET ${target} HTTP/1.1`, 'Host: a', ...lines, '', ''].join('\r\n')
}

/** The next response that the origin is asked for, unanswered. */
async function holding(t: Test) {
  let arrived: (response: ServerResponse) => void = () => {}
  const held = new Promise<ServerResponse>(resolve => {
    arrived = resolve
  })
  const stage = await play(t, (asked, response) => {
    if (asked.url === '/held') arrived(response)
    else always(200, { ...minute, 'Content-Length': '4' }, `${asked.url?.slice(0, 2)}..`)(asked, response)
  })
  return { ...stage, held }
}

function closed(response: ServerResponse): Promise<void> {
  return new Promise(resolve => response.once('close', resolve))
}

async function leave(client: RawClient): Promise<void> {
  const gone = client.closed()
  client.socket.destroy()
  await gone
}

t.test('a client that leaves before the head cancels its pass', async t => {
  const { edge, held, ask } = await holding(t)
  const client = await connectRaw(edge.port)
  client.write('POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const response = await held
  const cancelled = closed(response)
  await leave(client)
  await cancelled
  t.notOk(response.writableEnded, 'the origin saw it')
  await edge.idle()
  t.match(edge.counters(), { clientAborts: 1, originErrors: 0, results: { pass: 1 } })
  t.match(accessLines(edge), [{ completed: false, result: 'pass', status: 0 }])
  t.equal((await ask('/next')).status, 200)
})

t.test('a client that leaves in the middle of the body cancels its pass', async t => {
  const { edge, held } = await holding(t)
  const client = await connectRaw(edge.port)
  client.write('POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  const response = await held
  response.write('begun')
  await client.until('begun')
  const cancelled = closed(response)
  await leave(client)
  await cancelled
  await edge.idle()
  t.match(accessLines(edge), [{ completed: false, result: 'pass', status: 200, bytesOut: 5 }])
})

t.test('a client that leaves before the head does not cancel what may be stored (http-rules 38)', async t => {
  const { edge, origin, held, ask } = await holding(t)
  const client = await connectRaw(edge.port)
  client.write(request('/held'))
  const response = await held
  await leave(client)
  response.writeHead(200, minute)
  response.end('whole')
  await until(() => edge.counters().cacheEntries === 1)
  const reply = await ask('/held', { headers: { host: 'a' } })
  t.match(reply, { text: 'whole', headers: { 'cache-status': /hit/ } })
  t.equal(origin.asked.length, 1)
  await edge.idle()
  t.equal(edge.counters().active, 0)
})

t.test('a client that leaves in the middle does not cancel a fill either', async t => {
  const { edge, origin, held, ask } = await holding(t)
  const client = await connectRaw(edge.port)
  client.write(request('/held'))
  const response = await held
  response.writeHead(200, minute)
  response.write('half ')
  await client.until('half ')
  await leave(client)
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise(resolve => response.write('.', resolve))
  }
  await until(() => edge.counters().clientAborts === 1)
  response.end(' whole')
  await until(() => edge.counters().cacheEntries === 1)
  const reply = await ask('/held', { headers: { host: 'a' } })
  t.match(reply, { text: `half ${'.'.repeat(20)} whole`, headers: { 'cache-status': /hit/ } })
  t.equal(origin.asked.length, 1)
  await edge.idle()
  t.match(edge.counters(), { clientAborts: 1, originErrors: 0 })
})

t.test('a client that leaves in the middle of what is too large to store cancels it', async t => {
  const { edge, held } = await holding(t)
  const client = await connectRaw(edge.port)
  client.write(request('/held'))
  const response = await held
  response.writeHead(200, { ...minute, 'Content-Length': `${100 * 1_048_576}` })
  response.write('begun')
  await client.until('begun')
  await leave(client)
  const cancelled = closed(response)
  // The edge notices at the latest when it cannot hand on.
  const more = setInterval(() => response.write(Buffer.alloc(65_536)), 2)
  await cancelled
  clearInterval(more)
  await edge.idle()
  t.match(edge.counters(), { clientAborts: 1, cacheEntries: 0 })
})

t.test('a client that closes its half gets its answer, hit or miss', async t => {
  const { edge, held, ask } = await holding(t)
  await ask('/x', { headers: { host: 'a' } })
  const hit = await connectRaw(edge.port)
  hit.socket.end(request('/x'))
  t.match(await hit.closed(), /^HTTP\/1\.1 200 .*; hit; .*\r\n\r\n\/x\.\.$/s)
  const miss = await connectRaw(edge.port)
  miss.socket.end(request('/held'))
  const response = await held
  response.writeHead(200, { ...minute, 'Content-Length': '5' })
  response.end('whole')
  t.match(await miss.closed(), /^HTTP\/1\.1 200 .*uri-miss.*\r\n\r\nwhole$/s)
})

t.test('requests on hits in one segment are answered in order', async t => {
  const { edge, ask } = await holding(t)
  for (const target of ['/a', '/b']) await ask(target, { headers: { host: 'a' } })
  const client = await connectRaw(edge.port)
  client.write(['/a', '/b', '/a', '/b'].map(target => request(target)).join(''))
  const text = await client.until(/(\/[ab]\.\..*){3}\/b\.\.$/s)
  t.strictSame(
    [...text.matchAll(/\r\n\r\n(\/.)\.\./g)].map(([, target]) => target),
    ['/a', '/b', '/a', '/b'],
  )
  await leave(client)
})

t.test('a request sent while a miss is pending waits its turn', async t => {
  const { edge, held, ask } = await holding(t)
  await ask('/a', { headers: { host: 'a' } })
  const client = await connectRaw(edge.port)
  client.write(request('/held'))
  const response = await held
  client.write(request('/a'))
  response.writeHead(200, { ...minute, 'Content-Length': '5' })
  response.end('first')
  const text = await client.until(/first.*\/a\.\.$/s)
  t.equal(text.split('HTTP/1.1 200').length, 3)
  await leave(client)
})

t.test('one connection serves request after request, of every kind', async t => {
  const { edge } = await holding(t)
  const client = await connectRaw(edge.port)
  const rounds: [string, RegExp][] = [
    [request('/a'), /uri-miss.*\/a\.\.$/s],
    [request('/a'), /; hit.*\/a\.\.$/s],
    [request('/a').replace('GET', 'HEAD'), /; hit[^.]*\r\n\r\n$/],
    [request('/a', 'If-None-Match: *'), /304 Not Modified.*\r\n\r\n$/s],
    [
      request('/a').replace('Host: a', 'Host: a\r\nContent-Length: 2').replace('GET', 'PUT').concat('xy'),
      /fwd=method.*\.\.$/s,
    ],
    [request('/b').replace('Host: a', 'Host: b'), /uri-miss.*\/b\.\.$/s],
  ]
  let seen = 0
  for (const [bytes, expected] of rounds) {
    client.write(bytes)
    await until(() => expected.test(client.received().slice(seen)))
    seen = client.received().length
  }
  await leave(client)
  await edge.idle()
  t.match(edge.counters(), { requests: rounds.length, clientAborts: 0 })
})

t.test(
  'Connection: close in every spelling closes, after hit, miss, 304 and HEAD (RFC 9112 9.6)',
  async t => {
    const { edge } = await holding(t)
    const spellings = ['close', 'Close', 'CLOSE', 'keep-alive, close', 'close, TE', 'x\r\nConnection: close']
    for (const [index, spelling] of spellings.entries()) {
      const lines = [`Connection: ${spelling}`]
      const asked: [string, string][] = [
        ['miss', request(`/${index}`, ...lines)],
        ['hit', request(`/${index}`, ...lines)],
        ['HEAD', request(`/${index}`, ...lines).replace('GET', 'HEAD')],
        ['304', request(`/${index}`, ...lines, 'If-None-Match: *')],
      ]
      for (const [name, bytes] of asked) {
        const client = await connectRaw(edge.port)
        const since = performance.now()
        client.write(bytes)
        const text = await client.closed()
        t.match(text, /^HTTP\/1\.1 (200|304) /, `${name} ${spelling}`)
        // The engine's own idle limit is some 10 s.
        t.ok(performance.now() - since < 8_000, `${name} ${spelling} is closed by us`)
        t.equal(text.match(/\r\nConnection: close\r\n/gi)?.length, 1, `${name} ${spelling}`)
      }
    }
  },
)

t.test('a pair on a miss in one segment ends the connection, and nothing worse', onUws, async t => {
  const { edge, origin, ask } = await play(t, always(200, { 'Cache-Control': 'max-age=60' }, 'x'))
  const client = await connectRaw(edge.port)
  client.write(request('/p') + request('/q'))
  await client.closed()
  await edge.idle()
  t.equal(edge.counters().active, 0)
  t.ok(origin.asked.length <= 1, 'the second was never read')
  t.equal((await ask('/r')).status, 200)
})
