// `npm run bench:host` as a user starts it, with what needs no server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runProgram } from '../support/run.js'

t.test('bench:host prints, writes the report and exits by what holds', async t => {
  const out = join(t.testdir(), 'report.json')
  const words = 'fill --rounds 1 --bodies 20 --alone --out'.split(' ')
  const { code, stdout, stderr } = await runProgram(t, 'host/main.ts', [...words, out]).ended
  t.match(stdout, /^\nfill: new bodies.*\n[\s\S]*\n {2}(met|MISSED)\n\nreport: .*report\.json\n$/, stderr)
  const report = JSON.parse(readFileSync(out, 'utf8'))
  t.match(report, { layout: 1, scale: { rounds: 1 }, results: { fill: { faults: [] } } })
  t.equal(code, report.results.fill.isKept ? 0 : 1)
})

t.test('bench:host explains itself', async t => {
  const [help, refusal] = await Promise.all(
    ['--help', 'nothing'].map(word => runProgram(t, 'host/main.ts', [word]).ended),
  )
  t.match(help, { code: 0, stdout: /slow-readers/ })
  t.match(refusal, { code: 2, stderr: /^bench:host: unknown measurement nothing; known: collapse, / })
})
