import t from 'tap'
import { variant } from '../../scenarios/variant.js'

t.test('variant wants a hit that is compressed', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(variant.objection({ ...answer, fields: {} }), 'is not a cache hit')
  const hit = { 'cache-status': 'naij; hit' }
  t.equal(variant.objection({ ...answer, fields: hit }), 'is not compressed')
  t.equal(variant.objection({ ...answer, fields: { ...hit, 'content-encoding': 'br' } }), undefined)
  t.strictSame(
    variant.cases.map(item => item.target),
    ['/text/10240', '/text/102400'],
  )
})
