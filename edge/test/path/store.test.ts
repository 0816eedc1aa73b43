// Plays: what is stored, served from the store, and brought up to date.
import t from 'tap'
import { get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'

t.test('a page is a miss, then a hit with Age, Via and Cache-Status', async t => {
  const origin = await startOrigin(t, (_, response) => {
    response.setHeader('Cache-Control', 'max-age=60')
    response.setHeader('X-Two', ['a', 'b'])
    response.end('hello')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const first = await get(edge.port, '/a?b=c')
  t.match(first, { status: 200, text: 'hello' })
  t.equal(first.headers['cache-status'], 'naij; fwd=uri-miss; fwd-status=200; stored')
  const second = await get(edge.port, '/a?b=c')
  t.match(second, {
    status: 200,
    text: 'hello',
    headers: { age: '0', via: '1.1 naij', 'content-length': '5' },
  })
  t.match(second.headers['cache-status'], /^naij; hit; ttl=(59|60)$/)
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
  t.match(edge.counters(), { requests: 2, results: { miss: 1, hit: 1 }, originRequests: 1 })
  t.match(
    edge.lines.filter(line => line.msg === 'access'),
    [
      { method: 'GET', target: '/a?b=c', status: 200, result: 'miss', bytesOut: 5, site: 'play' },
      { result: 'hit', status: 200, bytesOut: 5, client: '127.0.0.1', completed: true },
    ],
  )
})
