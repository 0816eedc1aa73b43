// The reference page of the edge's metrics. Run as a program it prints the page
// (`node dist/edge/supervise/metrics-reference.js > edge/METRICS.md`); a test holds the file to it.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { familiesTable, type LabelMeaning, labelsTable, readFamilies } from '../../config/metrics-page.js'
import { fullStatus } from './full-status.js'
import { renderMetrics } from './metrics.js'

const introduction = `# Metrics of the edge

Generated from what \`edge/supervise/metrics.ts\` writes, by
\`node dist/edge/supervise/metrics-reference.js > edge/METRICS.md\`; do not edit.

\`GET /metrics\` on the admin socket (\`run.directory/edge.sock\`), Prometheus text 0.0.4. Counters are sums over all workers since the
supervisor started, those of workers that are gone included; the optimiser's (\`naij_optimiser_job*\`) begin anew with its process,
\`naij_fills_total\` counts since boot. What is not known now has no sample: the keeper's and the optimiser's while there is none, \`naij_control_*\` and
\`naij_purge_unknown\` without \`control\` in the configuration.

Nothing that a client sends becomes a label. What grows with the configuration is \`site\`, \`origin\` and \`slot\`; a site that is
removed leaves \`naij_form_*\` with the next start only, an origin leaves at once.
[control/METRICS.md](../control/METRICS.md) has those of control; its \`naij_control_revision\` is that of all sites, so keep the two apart by \`job\`.
`

/** Every label there may be: another one is a fault. */
export const edgeLabels: Readonly<Record<string, LabelMeaning>> = {
  class: { what: 'the first digit of the status' },
  result: { what: 'what the cache did, as in the log and in `/status`' },
  how: {
    what: 'a form compressed at once, asked of the optimiser, not asked as too much waited',
  },
  reason: {
    what: 'too many in all, of one address, for an overloaded worker; a bad PROXY header',
  },
  le: { what: 'not later than so many seconds' },
  slot: { what: 'the place of a worker', open: ['from 0', '`workers`'] },
  generation: {
    what: 'workers that were started together',
    open: ['from 1, one more at each USR2', 'the serving one, and those that start or drain'],
  },
  version: { what: 'the release', open: ['such as `0.1.0`', '1'] },
  state: { what: 'where a shared fetch is' },
  part: { what: "a request's part in a shared fetch" },
  site: { what: 'a site', open: ['`sites[].name`', 'the sites, at most 10,000'] },
  origin: { what: 'an origin of the site', open: ['`sites[].origins[].url`', 'at most 64 a site'] },
  form: { what: 'in what a body was served' },
  kind: { what: 'the form that a job makes' },
  outcome: { what: 'what came of it; `improved`: made anew, and smaller' },
}

/** Of those whose name does not say it. */
const units: Readonly<Record<string, string>> = {
  naij_build_info: '1',
  naij_config_revision: 'number',
  naij_control_connected: '0 or 1',
  naij_control_refused_revision: 'number',
  naij_control_revision: 'number',
  naij_generation: 'number',
  naij_keeper_keeping: '0 or 1',
  naij_origin_good: '0 or 1',
  naij_purge_sequence: 'number',
  naij_purge_unknown: '0 or 1',
}

/** The whole page, with a final newline. */
export function edgeMetricsPage(): string {
  const families = readFamilies(renderMetrics(fullStatus()))
  const labels = labelsTable(families, edgeLabels)
  return `${introduction}\n${familiesTable(families, units)}\n\n## Labels\n\n${labels}\n`
}

const program = process.argv[1]
if (program?.match(/metrics-reference\.[jt]s$/) && realpathSync(program) === fileURLToPath(import.meta.url)) {
  process.stdout.write(edgeMetricsPage())
}
