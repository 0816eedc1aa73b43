import t from 'tap'
import { countersOf, SketchFile } from '../../shared/sketch-file.js'

t.test('as many counters as the cache has objects for, within reason', async t => {
  t.strictSame(
    [2 ** 24, 2 ** 30, 2 ** 40, 2 ** 46].map(bytes => Math.log2(countersOf(bytes))),
    [16, 18, 25, 25],
  )
})

t.test('the halves change places once a turn, whoever says it', async t => {
  const file = new SketchFile(new ArrayBuffer(64 + 2 * 8), 8, () => {})
  const { counting, before } = file.halves()
  counting[3] = 1
  before[4] = 1
  t.equal(file.count(), 1)
  file.swap(0)
  file.swap(0)
  t.equal(file.turn(), 1)
  t.equal(file.halves().before, counting)
  t.strictSame([counting[3], before[4]], [1, 0])
  t.equal(file.count(), 1)
})
