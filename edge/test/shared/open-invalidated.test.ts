import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openInvalidated, ownInvalidated, placeOf } from '../../shared/open-invalidated.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

t.test('openInvalidated() is the same for all who use the store, and outlives them', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [openInvalidated(directory), openInvalidated(directory)]
  const last = a.times.length - 1
  a.counters[last] = 7
  a.times[last] = 1.5
  a.hashes[last] = -3
  a.latest[0] = 2.5
  t.strictSame([b.counters[last], b.times[last], b.hashes[last], b.latest[0]], [7, 1.5, -3, 2.5])
  t.strictSame([b.counters[0], b.times[0], b.hashes[0]], [0, 0, 0])
  a.close()
  t.equal(a.counters.length, 0, 'nothing is to be seen any more')
  b.close()
  const again = openInvalidated(directory)
  t.equal(again.times[last], 1.5)
  again.close()
})

t.test(
  'openInvalidated() begins anew after a start of the machine, and where there is damage',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const old = openInvalidated(directory, '0'.repeat(32))
    old.times[1] = 5
    old.close()
    const anew = openInvalidated(directory)
    t.equal(anew.times[1], 0)
    anew.times[1] = 5
    anew.close()
    writeFileSync(join(directory, 'invalidated-v1'), 'damaged')
    const repaired = openInvalidated(directory)
    t.equal(repaired.times[1], 0)
    repaired.close()
  },
)

t.test('ownInvalidated() is for one, of the same size', needsAddon, async t => {
  const [own, other] = [ownInvalidated(), ownInvalidated()]
  own.times[placeOf(-1)] = 5
  t.equal(own.times[placeOf(-1)], 5)
  t.equal(other.times[placeOf(-1)], 0)
  own.close()
})
