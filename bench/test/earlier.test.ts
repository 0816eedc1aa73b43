import { join } from 'node:path'
import t from 'tap'
import { formatChanges, readReport } from '../earlier.js'
import { caseOf, reportOf, resultOf } from './support/results.js'

const of = (edge: number, spread = 0) =>
  reportOf([
    resultOf(caseOf({ edge: [edge, edge + spread, edge], nginx: [10, 10, 10], varnish: [10, 10, 10] })),
  ])

t.test('formatChanges() puts ratios beside each other, and says when they may be the same', async t => {
  const [{ scenarios, ...rest }, now] = [of(8), of(6)]
  const before = {
    ...rest,
    scenarios: [{ ...scenarios[0]!, cases: [caseOf({ edge: [8, 8, 8], nginx: [10, 10, 10] })] }],
  }
  const table = formatChanges(before, now)
  t.match(table, /^hit 1 KB +nginx +0\.800 +0\.80\.\.0\.80 +0\.600 +0\.60\.\.0\.60 +-25\.0%$/m)
  t.notMatch(table, /varnish/)
  t.match(formatChanges(of(8, 2), of(9)), /\+12\.5% \?$/m)
  t.match(formatChanges(of(8), reportOf([])), /nothing that both measured/)
})

t.test('readReport() reads what the bench wrote, and nothing else', async t => {
  const directory = t.testdir({
    'good.json': JSON.stringify(of(8)),
    'old.json': '{"layout":1}',
    'no.json': 'x',
  })
  t.match(await readReport(join(directory, 'good.json')), { layout: 2 })
  for (const [name, message] of [
    ['old.json', /not a report of this bench/],
    ['no.json', /JSON/],
    ['absent.json', /ENOENT/],
  ] as const) {
    await t.rejects(readReport(join(directory, name)), { name: 'Problem', message, exitCode: 2 })
  }
})
