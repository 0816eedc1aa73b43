import t from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { IndexGauge } from '../../keep/index-gauge.js'
import { recordOf } from '../support/store-records.js'

const bytesMax = 16 * 1024 * 1024

t.test('IndexGauge measures what a store has written, and writes nothing', async t => {
  const directory = t.testdir()
  const open = () =>
    openLmdbStore({ directory, bytesMax, writeQueueBytesMax: 1_000_000, log: message => t.fail(message) })
  const store = open()
  for (const key of ['a', 'b', 'c']) await store.put(key, recordOf(key, 500))
  const before = store.status()
  await store.close()
  const gauge = new IndexGauge(directory, bytesMax)
  gauge.forgetDeadReaders()
  t.match(gauge.measure(), { entries: 3 })
  gauge.forgetDeadReaders()
  t.strictSame(gauge.measure(), before)
  await gauge.close()
  await gauge.close()
  const again = open()
  t.strictSame(again.status(), before)
  await again.close()
})

t.test('IndexGauge.measure() throws while the index cannot be had, and tries again', async t => {
  const directory = t.testdir({ index: 'a file' })
  const gauge = new IndexGauge(directory, bytesMax)
  t.throws(() => gauge.measure())
  t.throws(() => gauge.measure())
  await gauge.close()
})
