import t from 'tap'
import { h2 } from './../../scenarios/h2.js'

t.test('h2 wants a hit, in three sizes, over TLS', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(h2.objection({ ...answer, fields: { 'cache-status': 'naij; hit' } }), undefined)
  t.equal(h2.objection({ ...answer, fields: {} }), 'is not a cache hit')
  t.match(h2, { isSecure: true, isHttp2: true })
  t.strictSame(
    h2.cases.map(item => item.bodyBytes),
    [1024, 10_240, 102_400],
  )
})
