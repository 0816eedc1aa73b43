import { writeFileSync } from 'node:fs'
import t from 'tap'
import { openChanges, slotOf } from '../../shared/open-changes.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

t.test('bump() is seen by all, for its key and in the sum', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [openChanges(directory), openChanges(directory)]
  const slot = slotOf('http a h/one')
  const before = [b.of(slot), b.sum()]
  a.bump('http a h/one')
  t.strictSame([b.of(slot), b.sum()], [before[0]! + 1, before[1]! + 1])
  t.equal(b.of(slotOf('http a h/two')), 0)
  a.close()
  b.close()
  const again = openChanges(directory)
  t.equal(again.sum(), 1, 'it outlives who uses it')
  again.close()
})

t.test('renew() gives up all at once', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [openChanges(directory), openChanges(directory)]
  const before = [b.epoch(), b.sum()]
  a.renew()
  t.not(b.epoch(), before[0])
  t.not(b.sum(), before[1])
  t.equal(b.of(1), 0)
  a.close()
  b.close()
})

t.test('slotOf() spreads keys that are alike', async t => {
  const slots = new Set(Array.from({ length: 10_000 }, (_, at) => slotOf(`http site a.example/path/${at}`)))
  // Even hashing would leave about 9,290 different ones.
  t.ok(slots.size > 9_000, `${slots.size}`)
  t.ok([...slots].every(slot => slot >= 0 && slot < 65_536))
})

t.test(
  'openChanges() begins anew after a start of the machine, and where there is damage',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const old = openChanges(directory, '0'.repeat(32))
    old.bump('a')
    old.close()
    const anew = openChanges(directory)
    t.equal(anew.sum(), 0)
    anew.close()
    writeFileSync(`${directory}/changes-v1`, 'short')
    openChanges(directory).close()
    t.throws(() => openChanges(`${directory}/none`), { code: 'ground', message: /^cache\.directory: / })
  },
)
