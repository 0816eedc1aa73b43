import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { formatTable, missedBudgets, reportFile, writeReport } from '../report.js'
import { caseOf, reportOf, resultOf } from './support/results.js'

const budgets = { hit: { '1 KB': { nginx: 0.85 } } }

t.test(
  'formatTable() has a line for each peer, says how the budget stands, what was held, what is in doubt',
  async t => {
    const cpu = { edge: [8, 8, 8], nginx: [10, 10, 20], 'edge@old': [8, 16, 8] }
    const item = caseOf(cpu)
    item.peers[0]!.loopLagMs = 2
    item.peers[0]!.holdings = { memoryBytes: 3 * 2 ** 20, diskBytes: 2 ** 20 }
    item.peers[0]!.syscallsPerRequest = { read: 0.5, write: 1 }
    t.equal(
      formatTable(resultOf(item, ['something was wrong']), budgets),
      `hit (edge): one hot key

case  against   CPU us/req   its  ratio    interval  req/s  its  p99 ms    its       budget
----  --------  ----------  ----  -----  ----------  -----  ---  ------  -----  -----------
1 KB  nginx            8.0  10.0  0.800  0.40..0.80    125  100   16.00  20.00  <= 0.85 met
1 KB  edge@old         8.0   8.0  1.000  0.50..1.00    125  125   16.00  16.00            -

  1 KB, edge: memory 3 MiB, files 1 MiB, of them in memory ? MiB; event loop 99% within 2 ms; calls per request: write 1.00, read 0.50
! something was wrong
~ 1 KB, nginx: after 3 rounds the 95% interval is not within 3% of the ratio
~ 1 KB, edge@old: after 3 rounds the 95% interval is not within 3% of the ratio`,
    )
  },
)

t.test('formatTable() says when a budget is missed or in doubt, and does without peers', async t => {
  const table = (cpu: Record<string, number[]>) => formatTable(resultOf(caseOf(cpu)), budgets)
  t.match(table({ edge: [9], nginx: [10] }), /0\.900 .*<= 0\.85 missed$/m)
  t.match(table({ edge: [9, 9, 8], nginx: [10, 10, 10] }), /0\.900 .*<= 0\.85 open$/m)
  t.match(table({ edge: [9] }), /^1 KB\s+-\s+9\.0/m)
  t.match(formatTable({ ...resultOf(caseOf({})), cases: [] }, budgets), /^hit \(nothing\)/)
  t.notMatch(table({}), /1 KB/)
})

t.test('missedBudgets() names what is missed beyond doubt', async t => {
  const scenarios = [resultOf(caseOf({ edge: [9, 9, 9], nginx: [10, 10, 10], varnish: [1, 1, 1] }))]
  t.strictSame(missedBudgets({ scenarios, budgets }), [
    'hit 1 KB against nginx: 0.900 (0.900 to 0.900), at most 0.85',
  ])
  const inDoubt = [resultOf(caseOf({ edge: [9, 9, 8], nginx: [10, 10, 10] }))]
  t.strictSame(missedBudgets({ scenarios: inDoubt, budgets }), [])
})

t.test('reportFile() is the named file, or one named after the time', async t => {
  t.equal(reportFile('x/y.json', '2026-01-05T08:00:01.234Z'), 'x/y.json')
  t.equal(reportFile('x', '2026-01-05T08:00:01.234Z'), 'x/2026-01-05T080001Z.json')
})

t.test('writeReport() makes the directory, writes JSON and a page, and adds a line of history', async t => {
  const file = join(t.testdir(), 'deep/er/report.json')
  const report = reportOf([resultOf(caseOf({ edge: [8], nginx: [10] }))])
  t.strictSame(await writeReport(file, report), [
    file,
    join(dirname(file), 'report.html'),
    join(dirname(file), 'history.jsonl'),
  ])
  await writeReport(file, report)
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(report)))
  t.match(readFileSync(join(dirname(file), 'report.html'), 'utf8'), /^<!doctype html>/)
  const lines = readFileSync(join(dirname(file), 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
  t.equal(lines.length, 2)
  t.match(JSON.parse(lines[1]!), { cpu: 'some', ratios: { 'hit 1 KB / nginx': 0.8 } })
})
