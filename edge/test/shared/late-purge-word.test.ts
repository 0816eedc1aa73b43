import { writeFileSync } from 'node:fs'
import t from 'tap'
import { LatePurgeWord } from '../../shared/late-purge-word.js'
import { easeDisk, fillDisk, smallDisk, withoutSmallDisks } from '../support/small-disk.js'
import { needsAddon, runDirectoryOf } from './support/ground.js'

function wordOf(cacheDirectory: string) {
  const said: string[] = []
  const clock = { nowMs: 0 }
  const late = new LatePurgeWord({
    cacheDirectory,
    onFull: ({ message }) => void said.push(`full ${message}`),
    onReplaced: ({ path }) => void said.push(`replaced ${path}`),
    now: () => clock.nowMs,
  })
  return { late, said, clock }
}

t.test('LatePurgeWord opens the word once, and says what was replaced', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  writeFileSync(`${directory}/purge-v1`, 'short')
  const { late, said } = wordOf(directory)
  const word = late.open()
  t.ok(word)
  t.equal(late.open(), word)
  t.strictSame(said, [`replaced ${directory}/purge-v1`])
  late.close()
  late.close()
})

t.test('LatePurgeWord throws what is no lack of room', needsAddon, async t => {
  t.throws(() => wordOf(`${runDirectoryOf(t)}/none`).late.open(), { code: 'ground' })
})

t.test(
  'LatePurgeWord waits for room, and asks the disk once a second',
  { skip: withoutSmallDisks },
  async t => {
    const directory = smallDisk(t, 1024 * 1024)
    fillDisk(directory)
    const { late, said, clock } = wordOf(directory)
    t.equal(late.open(), undefined)
    clock.nowMs = 1_000
    t.equal(late.open(), undefined)
    easeDisk(directory)
    clock.nowMs = 1_999
    t.equal(late.open(), undefined)
    clock.nowMs = 2_000
    t.ok(late.open())
    t.match(said, [/^full cache\.directory: .*ENOSPC/])
    late.close()
  },
)
