import { readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { usageFields } from '../../../config/usage-fields.js'
import { lock } from '../../../native/index.js'
import {
  isFinal,
  readUsage,
  removeUnseen,
  removeUsage,
  rowsPerFile,
  UsageFile,
  usageBytesIn,
  usageFilesIn,
} from '../../usage/usage-file.js'
import { needsAddon } from '../shared/support/ground.js'

const totals = (more: Record<number, number> = {}) => usageFields.map((_, at) => more[at] ?? 0)

t.test('what one counts another reads, also when the first is gone', needsAddon, async t => {
  const directory = `${t.testdir()}/usage`
  t.strictSame(usageFilesIn(directory), [])
  const file = new UsageFile(directory, 'one')
  t.strictSame(readUsage(directory, 'one'), [])
  const at = file.begin('shop', 491_234)!
  file.cells[at] += 3
  file.cells[at + 2] += 2 ** 40
  const other = file.begin('é'.repeat(200), 491_235)!
  file.cells[other + usageFields.length - 1] += 1
  const [first, second] = readUsage(directory, 'one')!
  t.strictSame(first, { site: 'shop', hour: 491_234, totals: totals({ 0: 3, 2: 2 ** 40 }) })
  t.match(second, { hour: 491_235, totals: totals({ [usageFields.length - 1]: 1 }) })
  t.equal(isFinal(directory, 'one'), false)
  file.close()
  t.equal(isFinal(directory, 'one'), true)
  t.equal(readUsage(directory, 'one')!.length, 2)
  t.strictSame(usageFilesIn(directory), ['one'])
  t.ok(usageBytesIn(directory) > 4_000_000)
  removeUsage(directory, 'one')
  t.strictSame(usageFilesIn(directory), [])
})

t.test('a file has an end, and what is no such file is told apart', needsAddon, async t => {
  const directory = t.testdir({ 'short.usage': 'x', 'notes.txt': '' })
  t.strictSame([usageFilesIn(directory), readUsage(directory, 'short')], [['short'], undefined])
  const file = new UsageFile(directory, 'full')
  for (let row = 0; row < rowsPerFile; row += 1) t.ok(file.begin('a', row) !== undefined || t.fail(`${row}`))
  t.equal(file.begin('a', rowsPerFile), undefined)
  file.close()
  t.equal(readUsage(directory, 'full')!.length, rowsPerFile)
})

t.test('what somebody died of making is removed', needsAddon, async t => {
  const directory = t.testdir({ 'dead.usage.new': '', 'busy.usage.new': '', 'other.new': '' })
  const held = lock(`${directory}/busy.usage.new`, 'shared')!
  removeUnseen(directory)
  t.strictSame(readdirSync(directory).sort(), ['busy.usage.new', 'other.new'])
  held.release()
  writeFileSync(`${directory}/busy.usage`, 'x')
  t.throws(() => new UsageFile(`${directory}/other.new`, 'x'), { code: 'EEXIST' })
})
