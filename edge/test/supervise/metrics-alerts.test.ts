// The alerts for Prometheus are of what the edge writes, and each is tried.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fullStatus } from '../../supervise/full-status.js'
import { renderMetrics } from '../../supervise/metrics.js'
import { isKnown, labelsIn, namesIn, queryFaults } from '../support/known-metrics.js'
import { needsPromtool, promtool } from '../support/promtool.js'
import { root } from '../support/root.js'

const directory = join(root, 'systemd/prometheus')
const text = readFileSync(join(directory, 'alerts.yml'), 'utf8')
const trials = readFileSync(join(directory, 'alerts.test.yml'), 'utf8')
const alerts = text.split(/^ {6}- alert: /m).slice(1)

/** What is said of a key: on its line, and on those that are further in. */
function part(alert: string, key: string): string {
  const [, indent, first] = new RegExp(`^( +)${key}:(.*)$`, 'm').exec(alert) ?? []
  if (indent === undefined) return ''
  const rest = alert
    .slice(alert.indexOf(`${indent}${key}:`))
    .split('\n')
    .slice(1)
  const end = rest.findIndex(line => line !== '' && !line.startsWith(`${indent} `))
  return [first, ...(end < 0 ? rest : rest.slice(0, end))].join('\n').trim()
}

t.test('each alert has a time, a severity, a summary and what to do, and is tried', async t => {
  t.ok(alerts.length >= 20)
  for (const alert of alerts) {
    const name = alert.split('\n', 1)[0]!
    t.match(part(alert, 'for'), /^\d+m$/, name)
    t.match(part(alert, 'labels'), /severity: (critical|warning)\b/, name)
    t.match(part(alert, 'summary'), /^".{20,}"$/, name)
    t.ok(part(alert, 'description').length > 100, name)
    t.match(trials, new RegExp(`alertname="?:? ?"?${name}"`), name)
  }
})

t.test('they are about what is written, by labels that there are', async t => {
  for (const alert of alerts) {
    const name = alert.split('\n', 1)[0]!
    const query = part(alert, 'expr')
    t.ok(namesIn(query).length > 0, name)
    t.strictSame(queryFaults(query), [], name)
    for (const [, label] of alert.matchAll(/\$labels\.(\w+)/g))
      t.ok(labelsIn(query).has(label!), `${name}: ${label}`)
  }
  t.strictSame(
    namesIn(text + trials).filter(name => !isKnown(name)),
    [],
  )
})

t.test('Prometheus takes them, and they fire when they are to', needsPromtool, async t => {
  const checked = promtool(['check', 'rules', join(directory, 'alerts.yml')])
  t.equal(checked.status, 0, checked.said)
  t.match(checked.said, new RegExp(`SUCCESS: ${alerts.length} rules found`))
  const tried = promtool(['test', 'rules', join(directory, 'alerts.test.yml')])
  t.equal(tried.status, 0, tried.said)
})

t.test('Prometheus has nothing to say about the metrics', needsPromtool, async t => {
  const { status, said } = promtool(['check', 'metrics'], renderMetrics(fullStatus()))
  t.equal(status, 0, said)
  t.equal(said, '')
})
