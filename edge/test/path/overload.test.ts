// Plays: an overloaded worker answers what it has, and turns away the rest.
import t, { type Test } from 'tap'
import { connectRaw, get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { accessLines, always, until } from '../support/play.js'

t.test('hits go on, misses are 503, new connections are closed; and all is as before afterwards', async t => {
  const origin = await startOrigin(
    t,
    always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }, 'ok'),
  )
  // Any process has more than this.
  const limits = { residentBytesMax: '64MiB' }
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { limits }))
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/ok$/)
  await until(() => edge.counters().overloaded === 1)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/Cache-Status: naij; hit[\s\S]*ok$/)
  client.write('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  const text = await client.closed()
  t.match(text, /HTTP\/1\.1 503 [\s\S]*Retry-After: 2\r\n[\s\S]*detail=shed/)
  t.match(text, /Connection: close/)
  t.equal(await (await connectRaw(edge.port)).closed(), '')
  await t.rejects(get(edge.port, '/a'))
  t.equal(origin.asked.length, 1)
  t.match(edge.counters(), { shed: 1, connectionsShed: 2, overloaded: 1 })
  t.match(accessLines(edge).at(-1), { status: 503, detail: 'shed' })
  const said = edge.lines.filter(({ msg }) => String(msg).startsWith('overloaded'))
  t.equal(said.length, 1, 'once per change')
  t.match(said, [{ level: 40, residentBytes: Number }])
})

const times = { Age: '15', 'Content-Length': '2' }

/** An edge that becomes overloaded when `/a` was stored, stale when it came. */
async function overloadedWith(t: Test, cacheControl: string, cache = {}) {
  const origin = await startOrigin(t, always(200, { 'Cache-Control': cacheControl, ...times }, 'ok'))
  const more = { limits: { residentBytesMax: '64MiB' } }
  const edge = await startEdge(t, testConfig(t, [origin.url], { cache }, more))
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/ok$/)
  await until(() => edge.counters().overloaded === 1)
  return { origin, edge, client }
}

const served: [row: string, cacheControl: string, cache: object][] = [
  ['stale-if-error says so', 'max-age=10, stale-if-error=60', {}],
  ['a rule of the site says so', 'max-age=10', { rules: [{ path: '/a', staleIfErrorMs: '1m' }] }],
]
for (const [row, cacheControl, cache] of served) {
  for (const method of ['GET', 'HEAD']) {
    t.test(`${method}: what is stored is served stale rather than refused where ${row}`, async t => {
      const { origin, edge, client } = await overloadedWith(t, cacheControl, cache)
      client.write(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`)
      // It was not forwarded (RFC 9211 2.1).
      await client.until(/Cache-Status: naij; hit; ttl=-\d+; detail=overloaded[\s\S]*\r\n\r\n(ok)?$/)
      t.equal(origin.asked.length, 1, 'and nobody is asked behind it')
      t.match(accessLines(edge).at(-1), { status: 200, result: 'stale', detail: 'overloaded' })
      t.equal(edge.counters().shed, 0)
      client.socket.destroy()
    })
  }
}

t.test('what may be served while it is refreshed is, and not refreshed', async t => {
  const { origin, client } = await overloadedWith(t, 'max-age=10, stale-while-revalidate=60')
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/Cache-Status: naij; hit; ttl=-[\s\S]*ok$/)
  // Later than what the edge would have asked.
  await get(origin.port, '/later')
  t.strictSame(
    origin.asked.map(({ target }) => target),
    ['/a', '/later'],
  )
  client.socket.destroy()
})

for (const cacheControl of ['max-age=10', 'max-age=10, stale-if-error=60, must-revalidate']) {
  t.test(`where nothing permits it, stale is 503: ${cacheControl}`, async t => {
    const { origin, client } = await overloadedWith(t, cacheControl)
    client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
    t.match(await client.closed(), /HTTP\/1\.1 503 [\s\S]*Retry-After: 2\r\n[\s\S]*detail=shed/)
    t.equal(origin.asked.length, 1)
  })
}
