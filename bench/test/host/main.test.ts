// `npm run bench:host` as a user starts it, with what needs no server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runProgram } from '../support/run.js'

t.test('bench:host prints, writes the report and exits by what holds', async t => {
  const out = join(t.testdir(), 'report.json')
  const words = 'fill --rounds 1 --bodies 20 --alone --out'.split(' ')
  const { code, stdout, stderr } = await runProgram(t, 'host/main.js', [...words, out]).ended
  t.match(stdout, /^\nfill: new bodies.*\n[\s\S]*\n {2}(met|MISSED)\n\nreport: .*report\.json\n$/, stderr)
  const report = JSON.parse(readFileSync(out, 'utf8'))
  t.match(report, { layout: 1, scale: { rounds: 1 }, results: { fill: { faults: [] } } })
  t.equal(code, report.results.fill.isKept ? 0 : 1)
})
