import t from 'tap'
import { Upload } from '../../accept/upload.js'
import { count, newCounters } from '../../usage/count.js'
import { exchangeOf, NotingResponder } from '../support/exchange.js'

t.test('count() settles one exchange', async t => {
  const counters = newCounters()
  counters.active = 2
  const responder = new NotingResponder()
  responder.bodyBytesOut = 7
  count(counters, exchangeOf({ status: 304, result: 'revalidated', responder }), true)
  t.match(counters, {
    requests: 1,
    active: 1,
    results: { revalidated: 1, hit: 0 },
    bytesOut: 7,
    clientAborts: 0,
  })
  t.strictSame(counters.statusClasses, [0, 0, 0, 1, 0, 0])
})

t.test('count() counts what was received, and who left', async t => {
  const counters = newCounters()
  const upload = new Upload(
    { bodyBytesMax: 10, memoryBytesMax: 10, spool: { directory: '', used: 0, max: 0 } },
    new NotingResponder(),
  )
  upload.bytesIn = 9
  count(counters, exchangeOf({ upload, result: 'pass' }), false)
  t.match(counters, { bytesIn: 9, clientAborts: 1 })
  t.equal(counters.statusClasses[0], 1, 'left before there was a status')
})

t.test('count() counts an invalid status as RFC 9110 15 wants it treated: as a 5xx', async t => {
  const counters = newCounters()
  for (const status of [599, 600, 999]) count(counters, exchangeOf({ status }), true)
  t.strictSame(counters.statusClasses, [0, 0, 0, 0, 0, 3])
})
