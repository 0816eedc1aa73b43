import t from 'tap'
import { groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from './support/ground.js'

t.test('what is claimed is counted, and the sums keep what the dead counted', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  b.fills.claim(hashOf(1), 0)
  a.fills.release(fill, 60_000)
  b.fills.claim(hashOf(1), 0)
  const sums = { fillsLed: 1, fillsFollowed: 1, fillsUnshared: 1, fillsTakenOver: 0, fillsUncollapsed: 0 }
  t.strictSame(a.counters.sums(), sums)
  b.orphan(a.owner)
  t.strictSame([...b.counters.owners()], [b.owner])
  t.strictSame(b.counters.sums(), sums)
  const c = groundOf(t, directory)
  c.fills.claim(hashOf(2), 0)
  t.strictSame(c.counters.sums(), { ...sums, fillsLed: 2 }, 'the next goes on in the row')
  t.strictSame(c.counters.owners(), new Set([c.owner, b.owner]))
})

t.test('count() without a row left counts nothing', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  // Stands for all the workers that a host cannot have: each takes a row when it first counts.
  const many = Array.from({ length: 513 }, () => groundOf(t, directory, { slots: 16 }))
  for (const { counters } of many) counters.count('fillsLed')
  t.equal(many[0].counters.sums().fillsLed, 512)
  t.equal(many[0].counters.owners().size, 512)
})
