import t from 'tap'
import { upload } from '../../scenarios/upload.js'

t.test('upload sends three sizes, and objects to a hit', async t => {
  const answer = { status: 200, body: Buffer.alloc(0) }
  t.equal(upload.objection({ ...answer, fields: { 'x-cache': 'MISS' } }), undefined)
  t.match(upload.objection({ ...answer, fields: { 'x-cache': 'HIT' } }), /although it answers a POST/)
  t.strictSame(
    upload.cases.map(item => item.requestBytes),
    [10_240, 102_400, 1_048_576],
  )
})
