// Plays: what a client may ask of the cache (RFC 9111 5.2.1, 5.4). A site that does not honour it hears only
// only-if-cached. An Age that the origin sends makes a response old without waiting.
import t from 'tap'
import { accessLines, always, cacheStatus, inTurn, play, until } from '../support/play.js'

type Headers = Record<string, string>

const honouring = { site: { cache: { honourClientDirectives: true } } }
const onlyIfCached = { 'cache-control': 'only-if-cached' }

/** Fresh for 60 s, 10 s old; or stale for 5 s. */
const fresh = { 'Cache-Control': 'max-age=70', Age: '10', ETag: '"v"' }
const stale = { 'Cache-Control': 'max-age=10', Age: '15', ETag: '"v"' }

const ignored: Headers[] = [
  { 'cache-control': 'no-cache' },
  { 'cache-control': 'no-store' },
  { 'cache-control': 'max-age=0' },
  { 'cache-control': 'min-fresh=600' },
  { pragma: 'no-cache' },
]

t.test('by default what browsers send on a reload is answered from the store', async t => {
  const { origin, ask } = await play(t, always(200, fresh, 'x'))
  await ask('/')
  for (const headers of ignored) t.match(cacheStatus(await ask('/', { headers })), /^hit; ttl=/)
  t.equal(origin.asked.length, 1)
})

t.test(
  'by default no-store does not keep an answer out of the store, nor max-stale a stale one in use',
  async t => {
    const { origin, ask } = await play(t, always(200, stale, 'x'))
    const first = await ask('/', { headers: { 'cache-control': 'no-store' } })
    t.equal(cacheStatus(first), 'fwd=uri-miss; fwd-status=200; stored')
    const second = await ask('/', { headers: { 'cache-control': 'max-stale' } })
    t.match(cacheStatus(second), /^fwd=stale; fwd-status=200/)
    t.equal(origin.asked.length, 2)
  },
)

const validated: [row: string, headers: Headers, first: Headers, reason: string][] = [
  ['5.2.1.4 no-cache', { 'cache-control': 'no-cache' }, fresh, 'request'],
  ['5.2.1.1 max-age=0', { 'cache-control': 'max-age=0' }, fresh, 'request'],
  ['5.2.1.1 older than max-age', { 'cache-control': 'max-age=5' }, fresh, 'request'],
  ['5.2.1.3 not fresh for as long', { 'cache-control': 'min-fresh=61' }, fresh, 'request'],
  ['5.4 Pragma', { pragma: 'no-cache' }, fresh, 'request'],
  ['5.2.1.2 staler than max-stale', { 'cache-control': 'max-stale=4' }, stale, 'stale'],
]
for (const [row, headers, first, reason] of validated) {
  t.test(`honoured: the origin confirms it first: RFC 9111 ${row}`, async t => {
    const confirmed = { 'Cache-Control': 'max-age=60', ETag: '"v"' }
    const { origin, edge, ask } = await play(
      t,
      inTurn(always(200, first, 'x'), always(304, confirmed)),
      honouring,
    )
    await ask('/')
    const reply = await ask('/', { headers })
    t.match(reply, { status: 200, text: 'x' })
    t.equal(cacheStatus(reply), `fwd=${reason}; fwd-status=304; stored`)
    t.equal(origin.asked[1].headers['if-none-match'], '"v"')
    t.match(cacheStatus(await ask('/')), /^hit/, 'and it is good for others')
    await edge.idle()
    t.match(edge.counters(), { results: { miss: 1, revalidated: 1, hit: 1 }, originRequests: 2 })
  })
}

t.test('honoured: what the client is content with is a hit', async t => {
  const { origin, ask } = await play(t, always(200, fresh, 'x'), honouring)
  await ask('/')
  for (const value of ['max-age=40', 'min-fresh=30', 'max-stale', 'no-transform', 'only-if-cached']) {
    t.match(cacheStatus(await ask('/', { headers: { 'cache-control': value } })), /^hit; ttl=/, value)
  }
  t.equal(origin.asked.length, 1)
})

t.test('honoured: no-store goes past the cache, and its answer does not stay (RFC 9111 5.2.1.5)', async t => {
  const { origin, edge, ask } = await play(t, always(200, fresh, 'x'), honouring)
  const headers = { 'cache-control': 'no-store' }
  t.equal(cacheStatus(await ask('/', { headers })), 'fwd=bypass; fwd-status=200')
  t.equal(cacheStatus(await ask('/')), 'fwd=uri-miss; fwd-status=200; stored')
  t.equal(cacheStatus(await ask('/', { headers })), 'fwd=bypass; fwd-status=200')
  t.match(cacheStatus(await ask('/')), /^hit/, 'what was stored stays')
  t.equal(origin.asked.length, 3)
  await edge.idle()
  t.match(edge.counters(), { results: { pass: 2, miss: 1, hit: 1 } })
})

t.test(
  'honoured: max-stale takes a stale one at once, and one refresh goes on behind (RFC 9111 5.2.1.2)',
  async t => {
    const again = { 'Cache-Control': 'max-age=60', ETag: '"w"' }
    const { origin, ask } = await play(
      t,
      inTurn(always(200, stale, 'old'), always(200, again, 'new')),
      honouring,
    )
    await ask('/')
    const reply = await ask('/', { headers: { 'cache-control': 'max-stale=3600' } })
    t.match(reply, { status: 200, text: 'old' })
    t.match(cacheStatus(reply), /^hit; ttl=-\d+$/)
    await until(async () => (await ask('/', { headers: onlyIfCached })).text === 'new')
    t.equal(origin.asked.length, 2)
  },
)

t.test('honoured: max-stale does not lift must-revalidate and its kin (RFC 9111 5.2.2.2)', async t => {
  for (const directive of ['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'no-cache']) {
    const cacheControl = `max-age=10, ${directive}`
    const { ask } = await play(t, always(200, { ...stale, 'Cache-Control': cacheControl }, 'x'), honouring)
    await ask('/')
    const reply = await ask('/', { headers: { 'cache-control': 'max-stale' } })
    t.match(cacheStatus(reply), /^fwd=stale; fwd-status=200/, directive)
  }
})

t.test(
  'honoured: a client that wants nothing stale gets none, not even when the origin fails (RFC 9111 5.2.1.1)',
  async t => {
    const times = 'max-age=10, stale-while-revalidate=600, stale-if-error=600'
    const { origin, ask } = await play(
      t,
      inTurn(always(200, { ...stale, 'Cache-Control': times }, 'x'), always(503, {}), always(503, {})),
      honouring,
    )
    await ask('/')
    const headers = { 'cache-control': 'max-age=600' }
    t.match(await ask('/', { headers }), {
      status: 503,
      headers: { 'cache-status': /fwd=stale; fwd-status=503/ },
    })
    origin.script = request => request.socket.destroy()
    t.match(await ask('/', { headers }), { status: 502, headers: { 'cache-status': /fwd=stale/ } })
    t.match(cacheStatus(await ask('/')), /^hit; ttl=-/, 'others do')
  },
)

t.test(
  'only-if-cached is answered from the store or with 504, honoured or not (RFC 9111 5.2.1.7)',
  async t => {
    for (const stage of [{}, honouring]) {
      const { origin, edge, ask } = await play(t, always(200, fresh, 'x'), stage)
      const absent = await ask('/', { headers: onlyIfCached })
      t.match(absent, { status: 504, headers: { 'cache-control': 'no-store' } })
      t.equal(cacheStatus(absent), 'detail=only-if-cached')
      for (const asked of [{ method: 'HEAD' }, { method: 'OPTIONS' }]) {
        t.equal((await ask('/', { ...asked, headers: onlyIfCached })).status, 504, asked.method)
      }
      t.equal((await ask('/', { headers: { ...onlyIfCached, range: 'bytes=0-0' } })).status, 504)
      t.equal(origin.asked.length, 0)
      await ask('/')
      t.match(await ask('/', { headers: onlyIfCached }), { status: 200, text: 'x' })
      t.equal(origin.asked.length, 1)
      await edge.idle()
      t.match(accessLines(edge)[0], { status: 504, result: 'refused', detail: 'only-if-cached' })
    }
  },
)

t.test('only-if-cached on what has expired is 504 too, unless max-stale takes it', async t => {
  const { origin, ask } = await play(t, always(200, stale, 'x'), honouring)
  await ask('/')
  t.equal((await ask('/', { headers: onlyIfCached })).status, 504)
  t.equal(origin.asked.length, 1)
  const headers = { 'cache-control': 'only-if-cached, max-stale' }
  t.match(await ask('/', { headers }), { status: 200, text: 'x' })
})

t.test('only-if-cached means nothing with a method that is written through (RFC 9111 4)', async t => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PURGE']) {
    const { origin, ask } = await play(t, always(200, {}, 'done'))
    t.match(await ask('/', { method, headers: onlyIfCached }), { status: 200, text: 'done' })
    t.match(origin.asked[0], { method, headers: onlyIfCached }, 'and goes on as it is')
  }
})
