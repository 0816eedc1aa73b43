import t, { type Test } from 'tap'
import { openPurgeWord } from '../../shared/open-purge-word.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

function wordOf(t: Test, directory: string) {
  const opened = openPurgeWord(directory)
  t.teardown(() => opened.close())
  return { purge: opened.word }
}

t.test('raise() is seen by all, and never goes back', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [wordOf(t, directory), wordOf(t, directory)]
  t.equal(a.purge.sequence(), 0)
  const mark = b.purge.mark()
  a.purge.raise(7)
  t.not(b.purge.mark(), mark)
  t.equal(b.purge.sequence(), 7)
  b.purge.raise(6)
  b.purge.raise(7)
  t.equal(a.purge.sequence(), 7)
})

t.test('the sequence has more than 32 bits', needsAddon, async t => {
  const a = wordOf(t, runDirectoryOf(t))
  for (const sequence of [2 ** 31, 2 ** 32, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
    a.purge.raise(sequence)
    t.equal(a.purge.sequence(), sequence)
    t.equal(a.purge.mark(), Number(BigInt.asIntN(32, BigInt(sequence))))
  }
})
