import t from 'tap'
import { statusSet } from '../../http/status-set.js'

t.test('statusSet() holds its numbers and its classes', async t => {
  const isListed = statusSet([404, '5xx'])
  t.strictSame([200, 403, 404, 405, 499, 500, 503, 599, 600].filter(isListed), [404, 500, 503, 599])
  t.notOk(statusSet([])(200))
})
