import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readFamilies } from '../../../config/metrics-page.js'
import { fullStatus } from '../../supervise/full-status.js'
import { noKeeper } from '../../supervise/keeper-status.js'
import { renderMetrics } from '../../supervise/metrics.js'
import { edgeLabels, edgeMetricsPage } from '../../supervise/metrics-reference.js'
import { noOptimiser } from '../../supervise/optimiser-slot.js'
import { root } from '../support/root.js'

const page = readFileSync(join(root, 'edge/METRICS.md'), 'utf8')

t.test('edgeMetricsPage() is what edge/METRICS.md holds', async t => {
  const program = 'node dist/edge/supervise/metrics-reference.js'
  t.equal(page, edgeMetricsPage(), `regenerate: npm run build && ${program} > edge/METRICS.md`)
})

t.test('metrics-reference.ts prints the page when run as a program', async t => {
  const program = fileURLToPath(new URL('../../supervise/metrics-reference.js', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
  t.equal(status, 0)
  t.equal(stdout, page)
})

t.test('no family has a label beyond these, of which only some grow', async t => {
  const closed = ['class', 'result', 'how', 'reason', 'le', 'state', 'part', 'form', 'kind', 'outcome']
  const open = ['slot', 'generation', 'version', 'site', 'origin']
  t.strictSame(Object.keys(edgeLabels).sort(), [...closed, ...open].sort())
  const grow = Object.entries(edgeLabels).flatMap(([name, { open }]) => (open === undefined ? [] : [name]))
  t.strictSame(grow.sort(), open.sort())
  for (const { name, labels } of readFamilies(renderMetrics(fullStatus())))
    for (const label of labels.keys()) t.ok(edgeLabels[label] !== undefined, `${name} ${label}`)
})

t.test('every family of an edge with less is on the page', async t => {
  const status = { ...fullStatus(), keeper: noKeeper(), optimiser: noOptimiser, control: null, origins: [] }
  for (const { name, type } of readFamilies(renderMetrics({ ...status, saved: [] })))
    t.match(page, new RegExp(`^\\| \`${name}\` +\\| ${type} `, 'm'))
})

t.test('every family of a full status has a sample', async t => {
  const text = renderMetrics(fullStatus())
  for (const { name } of readFamilies(text)) t.match(text, new RegExp(`^${name}(_count)?[{ ]`, 'm'))
})
