import t from 'tap'
import { http2 } from '../../scenarios/http2.js'

t.test('http2 wants a hit, in three sizes, over TLS', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(http2.objection({ ...answer, fields: { 'cache-status': 'naij; hit' } }), undefined)
  t.equal(http2.objection({ ...answer, fields: {} }), 'is not a cache hit')
  t.match(http2, { isSecure: true, isHttp2: true })
  t.strictSame(
    http2.cases.map(item => item.bodyBytes),
    [1024, 10_240, 102_400],
  )
})
