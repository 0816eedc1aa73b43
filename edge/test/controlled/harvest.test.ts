import t from 'tap'
import { usageFields } from '../../../config/usage-fields.js'
import { Harvest, summed } from '../../controlled/harvest.js'
import { UsageFile, usageFilesIn } from '../../usage/usage-file.js'
import { needsAddon } from '../shared/support/ground.js'

interface Sent {
  file: string
  final: boolean
  rows: { site: string; hour: number; totals: number[] }[]
}

t.test('what has changed is said whole, and a file until the last of it is taken', needsAddon, async t => {
  const directory = `${t.testdir()}/usage`
  const sent: Sent[] = []
  let fails = false
  const harvest = new Harvest({
    directory,
    edge: 'me',
    send: async body => {
      if (fails) throw new Error('away')
      sent.push(body as Sent)
    },
  })
  await harvest.run()
  t.strictSame(sent, [])
  const file = new UsageFile(directory, 'one')
  const a = file.begin('a', 1)!
  const b = file.begin('b', 1)!
  file.cells[a] += 1
  file.cells[b] += 2
  await Promise.all([harvest.run(), harvest.run()])
  t.equal(sent.length, 1)
  t.match(sent[0], { edge: 'me', file: 'one', final: false, rows: [{ site: 'a' }, { site: 'b' }] })
  await harvest.run()
  t.equal(sent.length, 1, 'nothing is new')
  file.cells[a] += 4
  fails = true
  await t.rejects(harvest.run(), { message: 'away' })
  fails = false
  await harvest.run()
  t.match(sent[1]!.rows, [{ site: 'a', totals: [5] }])
  t.equal(sent[1]!.rows.length, 1)
  file.cells[b] += 1
  file.close()
  fails = true
  await t.rejects(harvest.run())
  t.strictSame(usageFilesIn(directory), ['one'], 'it stays until all of it is taken')
  fails = false
  await harvest.run()
  t.match(sent[2], { final: false, rows: [{ site: 'b', totals: [3] }] })
  t.match(sent[3], { final: true, rows: [] })
  t.strictSame(usageFilesIn(directory), [])
})

t.test('what is no file of usage is removed, and many rows go in parts', needsAddon, async t => {
  const directory = t.testdir({ 'bad.usage': 'x' })
  const file = new UsageFile(directory, 'many')
  for (let at = 0; at < 1_200; at += 1) file.cells[file.begin(`s${at}`, 1)!] += 1
  file.close()
  const sent: Sent[] = []
  await new Harvest({ directory, edge: 'me', send: async body => void sent.push(body as Sent) }).run()
  t.strictSame(
    sent.map(({ rows, final }) => [rows.length, final]),
    [
      [500, false],
      [500, false],
      [200, false],
      [0, true],
    ],
  )
  t.strictSame(usageFilesIn(directory), [])
})

t.test('rows of one site and hour are one', async t => {
  const totals = usageFields.map(() => 1)
  const row = { site: 'a', hour: 1, totals }
  t.strictSame(summed([row, { ...row, hour: 2 }, row]), [
    { ...row, totals: totals.map(() => 2) },
    { ...row, hour: 2 },
  ])
})
