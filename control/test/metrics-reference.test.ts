import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { controlFamiliesOf, controlLabels, controlMetricsPage } from '../metrics-reference.js'
import { stage } from './support/stage.js'

// The tests run from the root.
const page = readFileSync(join('control', 'METRICS.md'), 'utf8')

t.test('controlMetricsPage() is what control/METRICS.md holds', async t => {
  const program = 'node dist/control/metrics-reference.js'
  t.equal(page, await controlMetricsPage(), `regenerate: npm run build && ${program} > control/METRICS.md`)
})

t.test('what control writes is on the page, with its labels', async t => {
  const s = await stage(t)
  await s.ask('GET', '/v1/sites')
  const response = await fetch(`${s.url}/metrics`, { headers: { authorization: `Bearer ${s.token}` } })
  const families = controlFamiliesOf(await response.text())
  const rows = page.split('\n').filter(line => line.startsWith('| `naij_'))
  t.equal(rows.length, families.length)
  for (const { name, type, help, labels } of families) {
    const row = rows.find(row => row.startsWith(`| \`${name}\``))!.split('|')
    const cells = row.slice(1, -1).map(cell => cell.trim())
    const names = [...labels.keys()].map(label => `\`${label}\``).join(', ')
    t.strictSame([cells[1], cells[2], cells[4]], [type, names, help], name)
    for (const label of labels.keys()) t.ok(controlLabels[label] !== undefined, `${name} ${label}`)
  }
})

t.test('controlFamiliesOf() throws at a label that nobody knows', async t => {
  const text =
    '# HELP naij_control_sites x\n# TYPE naij_control_sites gauge\nnaij_control_sites{path="/"} 1\n'
  t.throws(() => controlFamiliesOf(text), /naij_control_sites has labels that nobody knows: path/)
})
