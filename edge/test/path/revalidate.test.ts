// Plays: what has expired is asked for with its validator, and what the origin says then (RFC 9111 4.3).
import t from 'tap'
import { accessLines, always, cacheStatus, inTurn, play } from '../support/play.js'

/** Stored and at once expired. */
const expired = { 'Cache-Control': 'max-age=0', ETag: '"one"' }
const modified = 'Mon, 06 Jul 2026 10:00:00 GMT'

t.test('a 304 freshens: new fields merged, body from the store, the next one is a hit', async t => {
  const { edge, origin, ask } = await play(
    t,
    inTurn(
      always(200, { ...expired, 'X-Kept': 'old', 'X-New': 'old' }, 'hello'),
      always(304, { 'Cache-Control': 'max-age=60', ETag: '"one"', 'X-New': 'new', 'Content-Length': '999' }),
    ),
  )
  await ask('/a')
  const second = await ask('/a')
  t.match(second, { status: 200, text: 'hello' })
  t.match(second.headers, {
    'x-kept': 'old',
    'x-new': 'new',
    'cache-control': 'max-age=60',
    'content-length': '5',
    age: /^\d$/,
  })
  t.equal(cacheStatus(second), 'fwd=stale; fwd-status=304; stored')
  t.equal(origin.asked[1].headers['if-none-match'], '"one"')
  t.notOk('if-modified-since' in origin.asked[1].headers)
  const third = await ask('/a')
  t.match(third, { status: 200, text: 'hello', headers: { 'x-new': 'new' } })
  t.match(cacheStatus(third), /^hit/)
  await edge.idle()
  t.match(edge.counters(), { results: { miss: 1, revalidated: 1, hit: 1 }, originRequests: 2 })
  t.match(accessLines(edge)[1], { status: 200, result: 'revalidated', bytesOut: 5 })
})

t.test('without an ETag it is asked by date', async t => {
  const first = { 'Cache-Control': 'max-age=0', 'Last-Modified': modified }
  const { origin, ask } = await play(t, inTurn(always(200, first, 'hello'), always(304, {})))
  await ask('/a')
  t.match(await ask('/a'), { status: 200, text: 'hello' })
  t.equal(origin.asked[1].headers['if-modified-since'], modified)
})

t.test('what was old when it came is asked for again (RFC 9111 4.2.3)', async t => {
  const old = { 'Cache-Control': 'max-age=100', Age: '100', ETag: 'W/"weak"' }
  const { origin, ask } = await play(t, inTurn(always(200, old, 'hello'), always(304, { Age: '10' })))
  await ask('/a')
  const second = await ask('/a')
  t.match(second, { status: 200, text: 'hello', headers: { age: /^1\d$/ } })
  t.equal(origin.asked[1].headers['if-none-match'], 'W/"weak"')
  t.match(cacheStatus(await ask('/a')), /^hit; ttl=(8\d|90)$/)
})

t.test('a 200 replaces what was stored', async t => {
  const fresh = { 'Cache-Control': 'max-age=60', ETag: '"two"' }
  const { edge, ask } = await play(t, inTurn(always(200, expired, 'one'), always(200, fresh, 'two')))
  await ask('/a')
  const second = await ask('/a')
  t.match(second, { status: 200, text: 'two', headers: { etag: '"two"' } })
  t.equal(cacheStatus(second), 'fwd=stale; fwd-status=200; stored')
  t.match(await ask('/a'), { text: 'two', headers: { 'cache-status': /hit/ } })
  await edge.idle()
  t.match(edge.counters(), { cacheEntries: 1, results: { miss: 1, expired: 1, hit: 1 } })
})

t.test('a 200 that may not be stored takes the old one out of use', async t => {
  const { edge, ask } = await play(
    t,
    inTurn(always(200, expired, 'one'), always(200, { 'Cache-Control': 'no-store' }, 'two')),
  )
  await ask('/a')
  t.match(await ask('/a'), { text: 'two', headers: { 'cache-status': /detail=no-store/ } })
  t.equal(edge.counters().cacheEntries, 0)
})

t.test('an error of the origin passes and leaves the old one where it is', async t => {
  const { ask, edge } = await play(
    t,
    inTurn(
      always(200, expired, 'one'),
      always(500, {}, 'sorry'),
      always(304, { 'Cache-Control': 'max-age=9' }),
    ),
  )
  await ask('/a')
  t.match(await ask('/a'), { status: 500, text: 'sorry' })
  t.equal(edge.counters().cacheEntries, 1)
  t.match(await ask('/a'), { status: 200, text: 'one' })
})

t.test('a 304 that brings no-store is served once and dropped (RFC 9111 5.2.2.5)', async t => {
  const { edge, origin, ask } = await play(
    t,
    inTurn(
      always(200, expired, 'hello'),
      always(304, { 'Cache-Control': 'no-store' }),
      always(200, expired, 'again'),
    ),
  )
  await ask('/a')
  const second = await ask('/a')
  t.match(second, { status: 200, text: 'hello' })
  t.equal(cacheStatus(second), 'fwd=stale; fwd-status=304')
  t.equal(edge.counters().cacheEntries, 0)
  t.match(await ask('/a'), { text: 'again', headers: { 'cache-status': /uri-miss/ } })
  t.notOk('if-none-match' in origin.asked[2].headers)
})

t.test('HEAD on an expired one is passed and changes nothing', async t => {
  const { origin, edge, ask } = await play(t, always(200, { ...expired, 'Content-Length': '5' }, 'hello'))
  await ask('/a')
  const reply = await ask('/a', { method: 'HEAD' })
  t.match(reply, { status: 200, text: '', headers: { 'content-length': '5' } })
  t.equal(cacheStatus(reply), 'fwd=stale; fwd-status=200')
  t.equal(origin.asked[1].method, 'HEAD')
  t.equal(edge.counters().cacheEntries, 1)
})

t.test('a no-cache response is validated at each use (RFC 9111 5.2.2.4)', async t => {
  const fields = { 'Cache-Control': 'no-cache, max-age=60', ETag: '"one"' }
  const { origin, ask } = await play(t, (request, response) => {
    const isKnown = request.headers['if-none-match'] === '"one"'
    return always(isKnown ? 304 : 200, fields, isKnown ? '' : 'hello')(request, response)
  })
  for (const expected of [
    'fwd=uri-miss; fwd-status=200; stored',
    ...Array(2).fill('fwd=stale; fwd-status=304; stored'),
  ]) {
    const reply = await ask('/a')
    t.match(reply, { status: 200, text: 'hello' })
    t.equal(cacheStatus(reply), expected)
  }
  t.equal(origin.asked.length, 3)
})

t.test('a 304 for another response than the stored one is not believed (RFC 9111 4.3.4)', async t => {
  const { origin, ask } = await play(
    t,
    inTurn(
      always(200, expired, 'one'),
      always(304, { ETag: '"two"' }),
      always(200, { 'Cache-Control': 'max-age=60', ETag: '"two"' }, 'two'),
    ),
  )
  await ask('/a')
  t.match(await ask('/a'), { status: 200, text: 'two', headers: { etag: '"two"' } })
  t.notOk('if-none-match' in origin.asked[2].headers, 'asked once more, for the whole')
})

t.test('a 304 that nobody asked for is a broken answer', async t => {
  const { edge, ask } = await play(t, always(304, { ETag: '"one"' }))
  t.match(await ask('/a'), { status: 502, headers: { 'cache-status': /detail=bad-response/ } })
  await edge.idle()
  t.match(edge.counters(), { cacheEntries: 0, originErrors: 1, active: 0 })
})
