// Plays: an overloaded worker answers what it has, and turns away the rest.
import t from 'tap'
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

t.test('what is stored is served stale rather than refused, as if the origin had failed', async t => {
  const times = 'max-age=10, stale-if-error=60'
  const origin = await startOrigin(
    t,
    always(200, { 'Cache-Control': times, Age: '15', 'Content-Length': '2' }, 'ok'),
  )
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { limits: { residentBytesMax: '64MiB' } }))
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/ok$/)
  await until(() => edge.counters().overloaded === 1)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until(/fwd=stale[^\r]*detail=overloaded[\s\S]*ok$/)
  t.equal(origin.asked.length, 1)
})
