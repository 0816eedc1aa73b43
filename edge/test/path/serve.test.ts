// Plays: a worker that is told new sites, or to leave, while it serves; and one that cannot begin.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { startServing } from '../../serve.js'
import { connectRaw, get } from '../support/client.js'
import { startEdge, type TestEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { accessLines, always, cacheStatus, play, until } from '../support/play.js'

/** A stage on which every request waits; `release` answers the next one. */
async function waiting(t: Test, more: Record<string, unknown> = {}) {
  const held: ServerResponse[] = []
  const stage = await play(t, (_, response) => void held.push(response), { more })
  const arrived = (count: number) => until(() => held.length >= count)
  return { ...stage, held, arrived }
}

/** True when nobody takes a connection on the port any more. */
async function isClosed(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}

t.test('drain() stops listening and answers what is in progress with Connection: close', async t => {
  const { edge, held, arrived } = await waiting(t)
  const miss = get(edge.port, '/a')
  const pass = get(edge.port, '/b', { method: 'POST', body: 'x' })
  const large = get(edge.port, '/c')
  await arrived(3)
  const drained = edge.serving.drain()
  t.ok(await isClosed(edge.port), 'nobody listens')
  for (const response of held) {
    response.writeHead(200, { 'Cache-Control': 'max-age=60' })
    response.end('done')
  }
  for (const reply of await Promise.all([miss, pass, large])) {
    t.match(reply, { status: 200, text: 'done', headers: { connection: 'close' } })
  }
  await drained
  t.equal(accessLines(edge).length, 3)
})

t.test('drain() waits for a body that is being sent', async t => {
  const { edge, held, arrived } = await waiting(t)
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await arrived(1)
  held[0].write('first ')
  await client.until('first ')
  let isDrained = false
  const drained = edge.serving.drain().then(() => {
    isDrained = true
  })
  await isClosed(edge.port)
  t.notOk(isDrained)
  held[0].end('last')
  t.match(await client.closed(), /first .*last/s)
  await drained
})

t.test('drain() tells a connection that is kept open to close at its next request', async t => {
  const { edge } = await play(t, always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '1' }, 'x'), {
    more: { drainQuietMs: 3_000 },
  })
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/\r\n\r\nx$/)
  const drained = edge.serving.drain()
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await client.closed(), /; hit; .*\r\nConnection: close\r\n.*\r\nx$/s)
  await drained
})

t.test('drain() gives up at its limit and cuts what is left', async t => {
  const { edge, arrived } = await waiting(t, { drainTimeoutMs: 100 })
  const asked = get(edge.port, '/a')
  const broken = t.rejects(asked)
  await arrived(1)
  const since = performance.now()
  await edge.serving.drain()
  t.ok(performance.now() - since < 20_000, 'not when the origin would time out')
  await broken
})

t.test('drain() lets a fill end whose client has left', async t => {
  const origin = await startOrigin(t, (_, response) => void held.push(response))
  const held: ServerResponse[] = []
  const config = testConfig(t, [origin.url])
  const before = await startEdge(t, config, 'lmdb')
  const client = await connectRaw(before.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => held.length === 1)
  held[0].writeHead(200, { 'Cache-Control': 'max-age=60' })
  held[0].write('half ')
  await client.until('half ')
  client.socket.destroy()
  // The edge notices when it cannot hand on.
  await until(() => held[0].write('.') && before.counters().active === 0)
  const drained = before.serving.drain()
  held[0].end('whole')
  await drained
  const after = await startEdge(t, config, 'lmdb')
  const reply = await get(after.port, '/a', { headers: { host: 'a' } })
  t.match(reply, { text: /^half \.*whole$/, headers: { 'cache-status': /hit/ } })
})

t.test('drain() a second time changes nothing', async t => {
  const { edge } = await play(t, always(200, {}))
  await Promise.all([edge.serving.drain(), edge.serving.drain()])
  t.equal(edge.counters().active, 0)
})

t.test('drain() stores what arrived complete before it', async t => {
  const origin = await startOrigin(t, always(200, { 'Cache-Control': 'max-age=60' }, 'x'))
  const config = testConfig(t, [origin.url])
  const before = await startEdge(t, config, 'lmdb')
  const host = { headers: { host: 'a' } }
  await Promise.all(Array.from({ length: 20 }, (_, index) => get(before.port, `/${index}`, host)))
  await before.serving.drain()
  const after = await startEdge(t, config, 'lmdb')
  for (let index = 0; index < 20; index += 1)
    t.match(cacheStatus(await get(after.port, `/${index}`, host)), /^hit/)
})

async function swap(t: Test, edge: TestEdge, origin: string): Promise<void> {
  edge.serving.prepareSites(testConfig(t, [origin], { name: 'next' }).sites)()
}

t.test('prepareSites() swaps sites: requests in progress end with the old ones', async t => {
  const { edge, held, arrived } = await waiting(t)
  const next = await startOrigin(t, always(200, {}, 'new'))
  const inProgress = get(edge.port, '/a')
  await arrived(1)
  await swap(t, edge, next.url)
  t.match(await get(edge.port, '/a'), { status: 200, text: 'new' })
  held[0].end('old')
  t.match(await inProgress, { status: 200, text: 'old' })
  await edge.idle()
  t.match(accessLines(edge), [{ site: 'next', origin: next.url }, { site: 'play' }])
  t.equal(edge.counters().originErrors, 0)
})

t.test('prepareSites() that is not used changes nothing', async t => {
  const { edge } = await play(t, always(200, {}, 'old'))
  edge.serving.prepareSites(testConfig(t, ['http://127.0.0.1:1']).sites)
  t.match(await get(edge.port, '/a'), { status: 200, text: 'old' })
})

t.test(
  'an address that is not ours, or a port that is taken, is an EdgeError and leaves nothing open',
  async t => {
    const { edge } = await play(t, always(200, {}))
    const taken = await startOrigin(t, always(200, {}))
    const log = pino({ enabled: false })
    for (const listen of [
      { address: '192.0.2.1', port: 0 },
      { address: '127.0.0.1', port: taken.port },
    ]) {
      const config = testConfig(
        t,
        ['http://127.0.0.1:1'],
        {},
        { listen: [{ address: '127.0.0.1', port: 0 }, listen] },
      )
      await t.rejects(startServing(config, { log }), {
        name: 'EdgeError',
        code: 'listen',
        message: listen.address,
      })
      // The store was let go: it opens again.
      const again = await startEdge(t, { ...config, listen: edge.config.listen }, 'lmdb')
      t.equal(again.counters().cacheEntries, 0)
      await again.stop()
    }
  },
)

t.test('counters() adds up what was served', async t => {
  const { edge, ask } = await play(t, (request, response) => {
    const isFound = request.url !== '/none'
    always(isFound ? 200 : 404, isFound ? { 'Cache-Control': 'max-age=60' } : {}, 'body')(request, response)
  })
  for (const target of ['/a', '/a', '/none', '/a']) await ask(target)
  await ask('/a', { method: 'POST', body: 'seven!!' })
  await ask('/a#b')
  await edge.idle()
  t.match(edge.counters(), {
    requests: 6,
    active: 0,
    statusClasses: [0, 0, 4, 0, 2, 0],
    results: { hit: 2, miss: 2, pass: 1, refused: 1, expired: 0, revalidated: 0, error: 0 },
    bytesIn: 7,
    originRequests: 3,
    originErrors: 0,
    clientAborts: 0,
    logDropped: 0,
    cacheEntries: 0,
  })
})
