// Plays: the answer to a POST that is what its URL names, and so is what a GET finds (RFC 9110 9.3.3).
import t from 'tap'
import { always, cacheStatus, inTurn, play } from '../support/play.js'

const host = { headers: { host: 'shop.example' } }
const post = { ...host, method: 'POST', body: 'asked' }
const own = { 'Cache-Control': 'max-age=60', 'Content-Location': '/search', ETag: '"posted"' }

t.test('it serves GET and HEAD of its URL', async t => {
  const { ask, edge, origin } = await play(t, always(200, own, 'found'))
  const first = await ask('/search', post)
  t.match(first, { status: 200, text: 'found' })
  t.equal(cacheStatus(first), 'fwd=method; fwd-status=200; stored')
  await edge.idle()
  const second = await ask('/search', host)
  t.match(second, { status: 200, text: 'found', headers: { etag: '"posted"', age: /^\d$/ } })
  t.match(cacheStatus(second), /^hit; ttl=(5\d|60)$/)
  t.match(await ask('/search', { ...host, method: 'HEAD' }), { headers: { 'content-length': '5' } })
  t.equal(origin.asked.length, 1)
})

t.test('it takes the place of what a GET had stored, and a GET does not serve a POST', async t => {
  const { ask, edge, origin } = await play(
    t,
    inTurn(
      always(200, { 'Cache-Control': 'max-age=60' }, 'got'),
      always(200, own, 'posted'),
      always(200, own, 'posted again'),
    ),
  )
  await ask('/search', host)
  await ask('/search', post)
  await edge.idle()
  t.equal((await ask('/search', host)).text, 'posted')
  t.equal((await ask('/search', post)).text, 'posted again')
  await edge.idle()
  t.equal((await ask('/search', host)).text, 'posted again')
  t.equal(origin.asked.length, 3)
})

const unstored: [row: string, status: number, headers: Record<string, string>, asked?: object][] = [
  ['9110 9.3.3 no Content-Location', 200, { 'Cache-Control': 'max-age=60' }],
  ['9110 9.3.3 no freshness', 200, { 'Content-Location': '/search', ETag: '"e"' }],
  ['9110 8.7 Content-Location of another URL', 200, { ...own, 'Content-Location': '/found/1' }],
  [
    '9110 8.7 Content-Location of another host',
    200,
    { ...own, 'Content-Location': '//other.example/search' },
  ],
  ['9110 8.7 an error', 409, own],
  ['9111 5.2.2.5 no-store', 200, { ...own, 'Cache-Control': 'no-store, max-age=60' }],
  ['9111 3.5 Authorization', 200, own, { authorization: 'Basic x' }],
  ['Set-Cookie', 200, { ...own, 'Set-Cookie': 'a=b' }],
  ['9110 13.1.1 a condition', 200, own, { 'if-match': '"e"' }],
  ['9110 14.2 a range', 200, own, { range: 'bytes=0-1' }],
]
t.test('what else a POST brings is not stored', async t => {
  for (const [row, status, headers, asked] of unstored) {
    const { ask, edge } = await play(t, always(status, headers, 'found'))
    const reply = await ask('/search', { ...post, headers: { ...host.headers, ...asked } })
    t.equal(cacheStatus(reply), `fwd=method; fwd-status=${status}`, row)
    await edge.idle()
    t.equal(edge.counters().cacheEntries, 0, row)
  }
})

t.test('it is selected by the fields of the POST (RFC 9111 4.1)', async t => {
  const { ask, edge } = await play(t, always(200, { ...own, Vary: 'Accept-Language' }, 'found'))
  const asking = (language: string) => ({ headers: { ...host.headers, 'accept-language': language } })
  await ask('/search', { ...post, ...asking('de') })
  await edge.idle()
  t.match(cacheStatus(await ask('/search', asking('de'))), /^hit/)
  t.match(cacheStatus(await ask('/search', asking('fr'))), /^fwd=vary-miss/)
})

t.test('its URL is what the query policy makes of it (http-rules.md 13)', async t => {
  const headers = { ...own, 'Content-Location': '/search?q=1&utm_id=2' }
  const site = { cache: { query: { drop: ['utm_*'] } } }
  const { ask, edge } = await play(t, always(200, headers, 'found'), { site })
  await ask('/search?q=1&utm_id=2', post)
  await edge.idle()
  t.match(cacheStatus(await ask('/search?q=1&utm_source=3', host)), /^hit/)
})

t.test('one that breaks off is not stored', async t => {
  const { ask, edge } = await play(t, (request, response) => {
    if (request.method !== 'POST') return always(200, {}, 'got')(request, response)
    response.writeHead(200, own)
    response.write('fou')
    response.flushHeaders()
    setImmediate(() => response.destroy())
  })
  await t.rejects(ask('/search', post))
  await edge.idle()
  t.equal(edge.counters().cacheEntries, 0)
})
