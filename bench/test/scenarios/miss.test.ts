import t from 'tap'
import { miss } from '../../scenarios/miss.js'

t.test('miss objects to a hit', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(miss.objection({ ...answer, fields: { 'x-cache': 'MISS' } }), undefined)
  t.match(miss.objection({ ...answer, fields: { 'x-cache': 'HIT' } }), /although it may not be stored/)
  t.strictSame(
    miss.cases.map(item => item.target),
    ['/miss/1024', '/miss/10240', '/miss/102400'],
  )
})
