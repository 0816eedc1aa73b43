import t from 'tap'
import { hit } from '../../scenarios/hit.js'

t.test('hit wants a hit, in four sizes', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(hit.objection({ ...answer, fields: { 'cache-status': 'naij; hit' } }), undefined)
  t.equal(hit.objection({ ...answer, fields: {} }), 'is not a cache hit')
  t.strictSame(
    hit.cases.map(item => item.bodyBytes),
    [1024, 10_240, 102_400, 1_048_576],
  )
})
