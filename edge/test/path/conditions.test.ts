// Plays: conditions and ranges that clients send, answered here or by the origin (RFC 9110 13). What we ask the origin
// on our own behalf is revalidate.test.ts's.
import t from 'tap'
import { accessLines, always, cacheStatus, inTurn, play, until } from '../support/play.js'

type Headers = Record<string, string>

/** Stored and at once expired. */
const expired = { 'Cache-Control': 'max-age=0', ETag: '"one"' }
const modified = 'Mon, 06 Jul 2026 10:00:00 GMT'

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
      age: /^\d$/,
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

t.test('If-Match is answered with 412 when the origin has another one by now', async t => {
  const { edge, ask } = await play(
    t,
    inTurn(always(200, expired, 'one'), always(200, { 'Cache-Control': 'max-age=60', ETag: '"two"' }, 'two')),
  )
  await ask('/a')
  const reply = await ask('/a', { headers: { 'if-match': '"one"' } })
  t.match(reply, { status: 412, headers: { 'cache-status': /detail=precondition/ } })
  await until(() => edge.counters().cacheEntries === 1)
  t.match(await ask('/a', { headers: { 'if-match': '"two"' } }), { status: 200, text: 'two' })
  await edge.idle()
  t.match(edge.counters(), { requests: 3, active: 0, originRequests: 2 })
})
