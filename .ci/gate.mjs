// The short gate of CI: hits of this commit against hits of the one before, interleaved in one run. It fails when this one
// takes beyond doubt more than bench/budgets.json allows; what keeps it from measuring is said, and is no failure.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { bundlePrograms } from './bundle.mjs'

/** Its name is in the budgets: `edge@before`. */
const directory = resolve('var/gate/before')
const rounds = '20'

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function has(program) {
  return spawnSync(program, ['-v'], { stdio: 'ignore' }).error === undefined
}

/** Why there is nothing to compare with; undefined when there is. */
function objection() {
  if (!existsSync('.git')) return 'this is no clone'
  if (!has('wrk')) return 'wrk is not installed'
  if (!has('taskset')) return 'taskset is not installed'
  if (spawnSync('git', ['rev-parse', '--verify', '--quiet', 'HEAD~1']).status !== 0)
    return 'there is no commit before'
  const changed = git('diff', '--name-only', 'HEAD~1').split('\n')
  if (changed.includes('package-lock.json')) return 'the dependencies have changed'
  if (!changed.some(path => /^(config|edge|native)\/(?!test\/).*\.(ts|cc|h|gyp|mjs)$/.test(path)))
    return 'the edge is the same'
  return undefined
}

/** The programs of the commit before, as this one's build would bundle them; types were checked in its time. */
async function buildBefore() {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const archive = execFileSync('git', ['archive', 'HEAD~1', 'package.json', 'config', 'edge', 'native'], {
    maxBuffer: 2 ** 28,
  })
  execFileSync('tar', ['-x', '-C', directory], { input: archive })
  symlinkSync(resolve('node_modules'), `${directory}/node_modules`)
  execFileSync(process.execPath, ['native/install.mjs'], { cwd: directory, stdio: 'ignore' })
  await bundlePrograms({ directory, from: directory })
}

const why = objection()
if (why !== undefined) console.log(`gate: not measured, ${why}`)
else {
  await buildBefore()
  const words = ['hit', '--case', '1 KB', '--peers', 'none', '--edge', directory, '--seconds', '1', '--gate']
  const limits = ['--rounds', rounds, '--rounds-max', rounds, '--out', 'var/gate/report.json']
  const bench = spawnSync(process.execPath, ['dist/bench/main.js', ...words, ...limits], {
    stdio: ['ignore', 'inherit', 'pipe'],
    encoding: 'utf8',
  })
  if (bench.status !== 0) console.error(bench.stderr)
  process.exitCode = bench.status ?? 1
}
