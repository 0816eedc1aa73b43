// Plays: what has expired is asked for with its validator, and what the origin says then (RFC 9111 4.3).
import type { RequestListener } from 'node:http'
import t from 'tap'
import { accessLines, always, cacheStatus, play } from '../support/play.js'

type Headers = Record<string, string>

/** Stored and at once expired. */
const expired = { 'Cache-Control': 'max-age=0', ETag: '"one"' }
const modified = 'Mon, 06 Jul 2026 10:00:00 GMT'

/** Answers one request after the other by the next script of the list. */
function inTurn(...scripts: RequestListener[]): RequestListener {
  let turn = 0
  return (request, response) => {
    turn += 1
    return scripts[turn - 1](request, response)
  }
}

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
    age: '0',
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
  t.match(second, { status: 200, text: 'hello', headers: { age: /^1[01]$/ } })
  t.equal(origin.asked[1].headers['if-none-match'], 'W/"weak"')
  t.match(cacheStatus(await ask('/a')), /^hit; ttl=(88|89|90)$/)
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

t.test("the client's own conditions are answered after the origin's 304", async t => {
  const table: [string, Headers, number][] = [
    ['the same tag', { 'if-none-match': '"one"' }, 304],
    ['a list of tags, one weak', { 'if-none-match': '"zero", W/"one"' }, 304],
    ['another tag', { 'if-none-match': '"zero"' }, 200],
    ['the same date', { 'if-modified-since': modified }, 304],
    ['an older date', { 'if-modified-since': 'Sun, 05 Jul 2026 10:00:00 GMT' }, 200],
    ['If-Match of another tag', { 'if-match': '"zero"' }, 412],
  ]
  for (const [name, headers, status] of table) {
    const { origin, ask } = await play(
      t,
      inTurn(always(200, { ...expired, 'Last-Modified': modified }, 'hello'), always(304, {})),
    )
    await ask('/a')
    const reply = await ask('/a', { headers })
    t.equal(reply.status, status, name)
    if (status !== 412) t.match(reply.headers, { etag: '"one"', 'cache-status': /fwd-status=304/ }, name)
    t.equal(origin.asked[1].headers['if-none-match'], '"one"', `${name}: the origin is asked with ours`)
    t.notOk('if-match' in origin.asked[1].headers, name)
  }
})

t.test('a hit answers the conditions itself (RFC 9110 13.2.2)', async t => {
  const fields = { 'Cache-Control': 'max-age=60', ETag: '"one"', 'Last-Modified': modified, 'X-Other': 'x' }
  const { origin, ask } = await play(t, always(200, fields, 'hello'))
  await ask('/a')
  for (const method of ['GET', 'HEAD']) {
    const reply = await ask('/a', { method, headers: { 'if-none-match': '*' } })
    t.match(reply, { status: 304, text: '' })
    // RFC 9110 15.4.5: what a 200 would have had of these, and not the rest.
    t.match(reply.headers, {
      etag: '"one"',
      'cache-control': 'max-age=60',
      'last-modified': modified,
      via: '1.1 naij',
      age: '0',
      'cache-status': /hit/,
    })
    t.notOk('content-length' in reply.headers || 'x-other' in reply.headers)
  }
  t.equal(
    (await ask('/a', { headers: { 'if-unmodified-since': 'Sun, 05 Jul 2026 10:00:00 GMT' } })).status,
    412,
  )
  t.equal(origin.asked.length, 1)
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

t.test(
  'conditions on a miss: the origin is asked for the whole, the client gets 304, the body is stored',
  async t => {
    const fields = { 'Cache-Control': 'max-age=60', ETag: '"one"', 'Last-Modified': modified }
    for (const headers of [{ 'if-none-match': '"one"' }, { 'if-modified-since': modified }]) {
      const { origin, edge, ask } = await play(t, always(200, fields, 'hello'))
      const first = await ask('/a', { headers })
      t.match(first, { status: 304, text: '', headers: { etag: '"one"' } })
      t.equal(cacheStatus(first), 'fwd=uri-miss; fwd-status=200; stored')
      t.notOk('if-none-match' in origin.asked[0].headers || 'if-modified-since' in origin.asked[0].headers)
      t.match(await ask('/a'), { status: 200, text: 'hello', headers: { 'cache-status': /hit/ } })
      await edge.idle()
      t.match(accessLines(edge)[0], { status: 304, result: 'miss', bytesOut: 0 })
    }
  },
)

t.test('conditions on a miss that do not hold give the whole', async t => {
  const { ask } = await play(t, always(200, { 'Cache-Control': 'max-age=60', ETag: '"one"' }, 'hello'))
  t.match(await ask('/a', { headers: { 'if-none-match': '"zero"' } }), { status: 200, text: 'hello' })
})

t.test('If-Match and a range on a miss go to the origin as they are', async t => {
  const { origin, ask } = await play(t, always(206, { 'Content-Range': 'bytes 0-1/5' }, 'he'))
  const headers = { range: 'bytes=0-1', 'if-range': '"one"', 'if-match': '"one"' }
  t.match(await ask('/a', { headers }), { status: 206, text: 'he' })
  t.match(origin.asked[0].headers, headers)
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
