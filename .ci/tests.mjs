// Runs the suites that `npm run build` made, three at a time, as tap's own runner would, but each as a plain process:
// what that runner has every process and thread load to know what is covered costs as much as the tests themselves. What V8
// counted lies in .tap/coverage afterwards, for coverage.mjs. Words: parts of the names of suites, all without any.
import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

const directory = 'dist/suites'
const covered = resolve('.tap/coverage')
/** So long does no suite take, on a machine however busy. */
const timeoutMs = 600_000
/** These begin first: what takes long and begins last has a core to itself at the end. */
const long = ['edge-path.', 'bench-host.', 'edge-path-on-node.', 'edge-supervise-control.', 'edge-respond.']

const parts = process.argv.slice(2)
const rank = name => {
  const at = long.findIndex(start => name.startsWith(start))
  return at < 0 ? long.length : at
}
const suites = readdirSync(directory)
  .filter(name => parts.length === 0 || parts.some(part => name.includes(part)))
  .sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))

rmSync(covered, { recursive: true, force: true })
// A test that was asked for by a name that is not there must not pass.
if (suites.length === 0) t.fail(`no suite in ${directory} has a name with ${parts.join(' or ')}`)
t.setTimeout(0)
t.jobs = 3
const env = { ...process.env, NODE_V8_COVERAGE: covered, TAP_TIMEOUT: String(timeoutMs / 1_000) }
for (const suite of suites) {
  const file = join(directory, suite)
  // Else tap would have it load just that.
  const words = ['-u', 'NODE_OPTIONS', process.execPath, '--enable-source-maps', file]
  t.spawn('env', words, { buffered: true, timeout: timeoutMs, env }, file)
}
