import t from 'tap'
import { KnownKeys } from '../../fetch/known-keys.js'

t.test('keys are known for a while, and no more than so many', async t => {
  const real = performance.now
  let nowMs = 0
  performance.now = () => nowMs
  t.teardown(() => {
    performance.now = real
  })
  const known = new KnownKeys()
  known.add('a', 1_000)
  t.equal(known.has('a'), true)
  t.equal(known.has('b'), false)
  nowMs = 1_000
  t.equal(known.has('a'), false)
  for (let at = 0; at <= 10_000; at += 1) known.add(`k${at}`, 1_000)
  t.strictSame([known.has('k0'), known.has('k1'), known.has('k10000')], [false, true, true])
})
