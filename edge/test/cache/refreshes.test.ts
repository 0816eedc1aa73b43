import t from 'tap'
import { Refreshes } from '../../cache/refreshes.js'

t.test('begin() lets one run at a time, and the next when it has ended', async t => {
  const refreshes = new Refreshes()
  t.ok(refreshes.begin('a', 0))
  t.notOk(refreshes.begin('a', 1_000_000))
  t.ok(refreshes.begin('b', 0), 'another key')
  refreshes.end('a', 5, 0)
  t.ok(refreshes.begin('a', 5))
})

t.test('end() after a failure leaves the key alone for its time', async t => {
  const refreshes = new Refreshes()
  refreshes.begin('a', 0)
  refreshes.end('a', 10, 100)
  t.notOk(refreshes.begin('a', 109))
  t.ok(refreshes.begin('a', 110))
})

t.test(
  'begin() remembers a bounded number of keys, and makes room of those whose time has passed',
  async t => {
    const refreshes = new Refreshes()
    for (let i = 0; i < 10_000; i += 1) refreshes.begin(`key ${i}`, 0)
    t.notOk(refreshes.begin('one more', 0))
    refreshes.end('key 7', 0, 100)
    t.notOk(refreshes.begin('one more', 99))
    t.ok(refreshes.begin('one more', 100))
  },
)
