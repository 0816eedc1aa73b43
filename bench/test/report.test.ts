import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type CaseResult, type ScenarioResult, sumUp } from '../compare.js'
import { formatTable, type Report, reportFile, writeReport } from '../report.js'

function caseOf(cpu: Record<string, number[]>): CaseResult {
  const samples = Object.entries(cpu).map(([peer, values]): [string, CaseResult['peers'][0]['samples']] => [
    peer,
    values.map(cpuMicrosecondsPerRequest => ({
      cpuMicrosecondsPerRequest,
      requests: 1000,
      requestsPerSecond: 1000 / cpuMicrosecondsPerRequest,
      failures: 0,
      processesChanged: false,
    })),
  ])
  const bar = { peer: 'nginx', ratioMax: 0.85 }
  return sumUp({ name: '1 KB', target: '/', bodyBytes: 1024, connections: 64, bar }, new Map(samples))
}

function resultOf(item: CaseResult, faults: string[] = []): ScenarioResult {
  return { scenario: 'hit', summary: 'one hot key', cases: [item], configurations: {}, faults }
}

t.test('formatTable() has a line for each peer, and says whether the bar is met', async t => {
  const cpu = { edge: [8, 8, 8], nginx: [10, 10, 20], 'edge@old': [8, 16, 8] }
  t.equal(
    formatTable(resultOf(caseOf(cpu), ['something was wrong'])),
    `hit (edge): one hot key

case  against   CPU us/req   its  ratio    interval  level  req/s  its          bar
----  --------  ----------  ----  -----  ----------  -----  -----  ---  -----------
1 KB  nginx            8.0  10.0  0.800  0.40..0.80    75%    125  100  <= 0.85 met
1 KB  edge@old         8.0   8.0  1.000  0.50..1.00    75%    125  125            -
! something was wrong`,
  )
})

t.test('formatTable() says when the bar is missed, and does without peers', async t => {
  t.match(formatTable(resultOf(caseOf({ edge: [9], nginx: [10] }))), /0\.900 .*<= 0\.85 MISSED$/m)
  t.match(formatTable(resultOf(caseOf({ edge: [9] }))), /^1 KB\s+-\s+9\.0/m)
  t.match(formatTable({ ...resultOf(caseOf({})), cases: [] }), /^hit \(nothing\)/)
  t.notMatch(formatTable(resultOf(caseOf({}))), /1 KB/)
})

t.test('formatTable() holds the subject to its requests per second too', async t => {
  const { comparisons, ...rest } = caseOf({ edge: [8], nginx: [10] })
  for (const [requestsPerSecondMin, word] of [
    [125, 'met'],
    [126, 'MISSED'],
  ] as const) {
    for (const [ratioMax, before] of [
      [0.85, '<= 0.85, '],
      [undefined, ''],
    ] as const) {
      const bar = { peer: 'nginx', ...(ratioMax && { ratioMax }), requestsPerSecondMin }
      const item = { ...rest, comparisons: [{ ...comparisons[0]!, bar }] }
      t.match(formatTable(resultOf(item)), new RegExp(` ${before}>= ${requestsPerSecondMin}/s ${word}$`, 'm'))
    }
  }
})

t.test('reportFile() is the named file, or one named after the time', async t => {
  t.equal(reportFile('x/y.json', '2026-01-05T08:00:01.234Z'), 'x/y.json')
  t.equal(reportFile('x', '2026-01-05T08:00:01.234Z'), 'x/2026-01-05T080001Z.json')
})

t.test('writeReport() makes the directory and writes JSON', async t => {
  const file = join(t.testdir(), 'deep/er/report.json')
  const report = { layout: 1, rounds: 5 } as Report
  await writeReport(file, report)
  t.strictSame(JSON.parse(readFileSync(file, 'utf8')), report)
})
