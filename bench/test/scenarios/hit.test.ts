import t from 'tap'
import { hit } from '../../scenarios/hit.js'

t.test('hit wants a hit, in three sizes, two of them with a bar', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(hit.objection({ ...answer, fields: { 'cache-status': 'naij; hit' } }), undefined)
  t.equal(hit.objection({ ...answer, fields: {} }), 'is not a cache hit')
  t.strictSame(
    hit.cases.map(item => [item.bodyBytes, item.bar?.ratioMax]),
    [
      [1024, 0.85],
      [10240, 0.85],
      [102400, undefined],
    ],
  )
})
