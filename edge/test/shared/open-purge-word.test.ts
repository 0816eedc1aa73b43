import { writeFileSync } from 'node:fs'
import t from 'tap'
import { openPurgeWord } from '../../shared/open-purge-word.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

t.test('openPurgeWord() gives everybody the same word, on the ground too', needsAddon, async t => {
  const run = runDirectoryOf(t)
  const first = openPurgeWord(run)
  const second = openPurgeWord(run)
  first.word.raise(7)
  t.equal(second.word.sequence(), 7)
  first.close()
  second.word.raise(8)
  second.close()
  const third = openPurgeWord(run)
  t.equal(third.word.sequence(), 8, 'it outlives who uses it')
  t.equal(third.replaced, undefined)
  third.close()
})

t.test(
  'openPurgeWord() begins anew after a start of the machine, and where there is damage',
  needsAddon,
  async t => {
    const run = runDirectoryOf(t)
    const before = openPurgeWord(run, '0'.repeat(32))
    before.word.raise(7)
    before.close()
    const after = openPurgeWord(run)
    t.equal(after.word.sequence(), 0)
    t.equal(after.replaced, undefined)
    after.close()
    writeFileSync(`${run}/purge-v1`, 'short')
    const anew = openPurgeWord(run)
    t.match(anew.replaced, { path: `${run}/purge-v1` })
    anew.close()
    t.throws(() => openPurgeWord(`${run}/none`), { code: 'ground' })
  },
)
