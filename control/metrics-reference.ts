// The reference page of control's metrics. Run as a program it prints the page
// (`node dist/control/metrics-reference.js > control/METRICS.md`); a test holds the file to it.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Family, familiesTable, type LabelMeaning, readFamilies } from '../config/metrics-page.js'
import { markdownTable } from '../config/table.js'
import { Metrics } from './metrics.js'

const introduction = `# Metrics of control

Generated from what \`control/metrics.ts\` writes, by \`node dist/control/metrics-reference.js > control/METRICS.md\`; do not edit.

\`GET /metrics\` with a token of the scope \`usage:read\`, Prometheus text 0.0.4. Nothing that a client sends becomes a label
but the method, of which Node's parser knows 35. \`naij_control_connected\`, \`naij_control_heard_seconds\`, \`naij_control_refused_revision\` and a
\`naij_control_revision\` of their own are [edges' words of control](../edge/METRICS.md): keep the two apart by \`job\`.
`

const processIntroduction = `## The process

What \`prom-client\` says of every process of Node. Which of them have samples depends on the system and the version of Node.
`

/** Every label there may be: another one is a fault. */
export const controlLabels: Readonly<Record<string, LabelMeaning>> = {
  method: { what: 'of the request', open: ['`GET` `PUT` ...', 'those that Node knows, at most 35'] },
  status: { what: 'of the answer', open: ['such as `200`', 'those that control sends, about 20'] },
  le: { what: 'at most so many seconds', open: ['of `control/metrics.ts`, of `prom-client`', '10'] },
  kind: { what: 'of a garbage collection', open: ['`major` `minor` `incremental` `weakcb`', '4'] },
  space: { what: 'of the heap', open: ['such as `old`', 'about 10'] },
  type: { what: 'of a handle, a request or a resource', open: ['such as `TCPSocketWrap`', 'about 20'] },
  version: { what: 'of Node', open: ['such as `v20.20.0`', '1'] },
  major: { what: 'of that', open: ['', '1'] },
  minor: { what: 'of that', open: ['', '1'] },
  patch: { what: 'of that', open: ['', '1'] },
}

/** Labels come with samples, and these are not always there. */
const labelsOf: Readonly<Record<string, readonly string[]>> = {
  naij_control_requests_total: ['method', 'status'],
  naij_control_request_seconds: ['le'],
  naij_control_nodejs_active_handles: ['type'],
  naij_control_nodejs_active_requests: ['type'],
  naij_control_nodejs_active_resources: ['type'],
  naij_control_nodejs_gc_duration_seconds: ['le', 'kind'],
  naij_control_nodejs_heap_space_size_available_bytes: ['space'],
  naij_control_nodejs_heap_space_size_total_bytes: ['space'],
  naij_control_nodejs_heap_space_size_used_bytes: ['space'],
  naij_control_nodejs_version_info: ['version', 'major', 'minor', 'patch'],
}

/** Of those whose name does not say it. */
const units: Readonly<Record<string, string>> = {
  naij_control_feed_position: 'number',
  naij_control_nodejs_version_info: '1',
  naij_control_revision: 'number',
}

/** The families of `text`, each with all labels it may have. Throws when it has another one. */
export function controlFamiliesOf(text: string): Family[] {
  return readFamilies(text).map(family => {
    const names = labelsOf[family.name] ?? []
    const stray = [...family.labels.keys()].filter(label => !names.includes(label))
    if (stray.length > 0) throw new Error(`${family.name} has labels that nobody knows: ${stray}`)
    return { ...family, labels: new Map(names.map(name => [name, new Set<string>()])) }
  })
}

/** The whole page, with a final newline. */
export async function controlMetricsPage(): Promise<string> {
  const none = () => 0
  const levels = { edges_up: none, edges: none, sites: none, revision: none, feed_position: none }
  const families = controlFamiliesOf(await new Metrics({ ...levels, tails: none, streams: none }).text())
  const isOfProcess = ({ name }: Family) => /^naij_control_(?:nodejs|process)_/.test(name)
  const own = families.filter(family => !isOfProcess(family))
  const labels = Object.entries(controlLabels).map(([name, { what, open }]) => [
    `\`${name}\``,
    what,
    ...open!,
  ])
  return [
    introduction,
    `${familiesTable(own, units)}\n`,
    processIntroduction,
    `${familiesTable(families.filter(isOfProcess), units)}\n`,
    '## Labels\n',
    `${markdownTable(['Label', 'What it tells', 'Values', 'How many'], labels)}\n`,
  ].join('\n')
}

const program = process.argv[1]
if (program?.match(/metrics-reference\.[jt]s$/) && realpathSync(program) === fileURLToPath(import.meta.url)) {
  process.stdout.write(await controlMetricsPage())
}
