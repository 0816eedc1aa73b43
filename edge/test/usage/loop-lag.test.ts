import t from 'tap'
import { addLag, addLags, lagBoundsMs, noLoopLag } from '../../usage/loop-lag.js'

t.test('addLag() counts by how late, bounds included', async t => {
  const lag = noLoopLag()
  for (const late of [-0.4, 0, 1, 1.5, 5, 1_000, 1_001]) addLag(lag, late)
  t.strictSame(lag, { counts: [3, 1, 1, 0, 0, 0, 0, 0, 1, 1], sumMs: 2_008.5 })
  t.equal(lag.counts.length, lagBoundsMs.length + 1)
})

t.test('addLags() adds up', async t => {
  const sum = noLoopLag()
  const one = noLoopLag()
  addLag(one, 3)
  addLags(sum, one)
  addLags(sum, one)
  t.strictSame(sum, { counts: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0], sumMs: 6 })
  t.strictSame(one.counts[2], 1)
})
