// The dashboard for Grafana asks for nothing that the edge does not write.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isKnown, labelsIn, namesIn, queryFaults } from '../support/known-metrics.js'
import { needsPromtool, promtool } from '../support/promtool.js'
import { root } from '../support/root.js'

interface Place {
  h: number
  w: number
  x: number
  y: number
}

interface Panel {
  id: number
  type: string
  title: string
  description?: string
  gridPos: Place
  fieldConfig?: { defaults: { unit?: string } }
  targets?: { refId: string; expr: string; legendFormat: string }[]
}

interface Dashboard {
  title: string
  uid: string
  schemaVersion: number
  panels: Panel[]
  templating: { list: { name: string; type: string }[] }
}

const text = readFileSync(join(root, 'systemd/grafana/naijcloud-edge.json'), 'utf8')
const dashboard = JSON.parse(text) as Dashboard
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const queries = panels.flatMap(({ title, targets }) => targets!.map(target => ({ title, ...target })))

t.test('queryFaults() finds what is not written', async t => {
  t.strictSame(queryFaults('sum by (class, job) (rate(naij_requests_total{class="5xx"}[5m]))'), [])
  t.strictSame(queryFaults('naij_no_total'), ['naij_no_total is not written'])
  t.strictSame(queryFaults('naij_loop_lag_seconds'), ['naij_loop_lag_seconds is not written'])
  t.strictSame(queryFaults('sum by (site) (naij_loop_lag_seconds_sum)'), ['no metric of it has site'])
  t.strictSame(queryFaults('sum by (le) (naij_loop_lag_seconds_sum)'), ['no metric of it has le'])
  t.strictSame(queryFaults('naij_requests_total{code="5xx"}'), ['naij_requests_total has no label code'])
  t.strictSame(queryFaults('naij_requests_total{class=~"4xx|6xx"}'), ['naij_requests_total has no class 6xx'])
  t.strictSame(queryFaults('naij_origin_good{site=~"any.*"}'), [])
})

t.test('it has variables for the data source, the job and the edge, which every query obeys', async t => {
  t.ok(dashboard.schemaVersion >= 38, 'of Grafana 10')
  t.strictSame(
    dashboard.templating.list.map(({ name, type }) => [name, type]),
    [
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ],
  )
  for (const { title, expr } of queries) {
    const asked = expr.match(/\bnaij_\w+\{job=~"\$job",instance=~"\$instance"[,}]/g) ?? []
    t.equal(asked.length, namesIn(expr).length, `${title}: ${expr}`)
  }
})

t.test(
  'each panel has an id, a place and a letter of its own, a title, a unit and a description',
  async t => {
    const ids = dashboard.panels.map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length)
    const taken = new Set<string>()
    for (const { title, gridPos, type } of dashboard.panels) {
      t.ok(gridPos.x + gridPos.w <= 24, title)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++)
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          if (taken.has(`${x} ${y}`)) t.fail(`${type} ${title} lies on another`)
          taken.add(`${x} ${y}`)
        }
    }
    for (const { title, description, fieldConfig, targets } of panels) {
      t.ok(title.length > 0 && (description ?? '').length > 20, title)
      t.ok((fieldConfig?.defaults.unit ?? '').length > 0, `${title}: unit`)
      t.ok(targets!.length > 0, title)
      t.equal(new Set(targets!.map(({ refId }) => refId)).size, targets!.length, title)
    }
  },
)

t.test('it asks for what is written, by labels that there are', async t => {
  t.ok(queries.length > 60)
  t.strictSame(
    namesIn(text).filter(name => !isKnown(name)),
    [],
  )
  for (const { title, expr, legendFormat } of queries) {
    t.strictSame(queryFaults(expr), [], title)
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) t.ok(labelsIn(expr).has(label!), title)
  }
})

t.test('Prometheus understands its queries', needsPromtool, async t => {
  const rules = queries.map(({ expr }, index) => {
    const filled = expr
      .replaceAll('$__rate_interval', '5m')
      .replaceAll('$job', '.*')
      .replaceAll('$instance', '.*')
    return { record: `panel:${index}`, expr: filled }
  })
  // JSON is YAML.
  const path = join(
    t.testdir({ 'rules.yml': JSON.stringify({ groups: [{ name: 'panels', rules }] }) }),
    'rules.yml',
  )
  const { status, said } = promtool(['check', 'rules', '--lint=none', path])
  t.equal(status, 0, said)
  t.match(said, new RegExp(`${queries.length} rules found`))
})
