// The bench as a user starts it, with programs that stand in for wrk and nginx.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Report } from '../report.js'
import { packageRoot } from '../root.js'
import { pathWith, writeCheckout, writeNginx, writeWrk } from './support/programs.js'
import { runProgram } from './support/run.js'

const LITTLE = ['--subject', 'nginx', '--rounds', '1', '--rounds-max', '1', '--seconds', '1']
const QUICK = ['miss', '--case', '1 KB', ...LITTLE]

/** The environment with the stand-ins, and the file for the report. */
function prepare(t: Test, wrk: 'quick' | 'failing' | 'endless' = 'quick') {
  const directory = t.testdir()
  writeWrk(directory, wrk)
  writeNginx(directory)
  return { directory, env: { PATH: pathWith(directory) }, out: join(directory, 'report.json') }
}

/** Directories of runs. */
function runs(): string[] {
  const directory = join(packageRoot(), 'var/bench')
  return existsSync(directory) ? readdirSync(directory).filter(name => name.startsWith('run-')) : []
}

/** What was there before the test may belong to somebody who measures at the same time. */
const before = runs()

function leftovers(): string[] {
  return runs().filter(name => !before.includes(name))
}

t.test('bench prints a table, writes the report and leaves nothing behind', async t => {
  const { directory, env, out } = prepare(t)
  const edge = writeCheckout(join(directory, 'before'))
  const words = ['hit', 'mesh', '--wakeups', '1', ...LITTLE, '--edge', edge, '--out', out]
  const { code, stdout, stderr } = await runProgram(t, 'main.js', words, env).ended
  t.equal(code, 0, stderr)
  for (const name of ['nginx#2', 'edge@before']) t.match(stdout, new RegExp(`^100 KB +${name} `, 'm'))
  t.match(stderr, /hit 1 KB: warm-up\nhit 1 KB: round 1 of 1\n/)
  const report = JSON.parse(readFileSync(out, 'utf8')) as Report
  t.match(report, {
    layout: 2,
    rounds: [1, 1],
    secondsPerRound: 1,
    versions: { nginx: 'nginx version: nginx/9.9', 'edge@before': /^9\.9\.9/, wrk: 'wrk 9.9 stand-in' },
    scenarios: [{ scenario: 'hit', faults: [], configurations: { nginx: /proxy_cache/ } }],
    measurements: { mesh: { faults: [] } },
  })
  t.equal(report.scenarios[0]!.cases.length, 4)
  t.strictSame(leftovers(), [])
})

t.test('bench exits 1 and says so when answers failed', async t => {
  const { env, out } = prepare(t, 'failing')
  const { code, stdout } = await runProgram(t, 'main.js', [...QUICK, '--out', out], env).ended
  t.equal(code, 1)
  t.match(stdout, /^! miss 1 KB, nginx: 15 errors or answers that are not 2xx or 3xx$/m)
})

t.test('bench ends everything when it is interrupted', async t => {
  const { env, out } = prepare(t, 'endless')
  const { child, ended, said } = runProgram(t, 'main.js', [...QUICK, '--out', out], env)
  await said('miss 1 KB: warm-up')
  child.kill('SIGINT')
  t.match(await ended, { code: 130, stderr: /bench: interrupted\n$/ })
  t.strictSame(leftovers(), [])
})

t.test('bench says what is wrong with its arguments, what is missing, and how to use it', async t => {
  const cases: [words: string[], env: NodeJS.ProcessEnv, expected: Record<string, unknown>][] = [
    [['--help'], {}, { code: 0, stdout: /npm run bench -- \[scenario\.\.\.\]/ }],
    [
      ['--rounds', 'x'],
      {},
      { code: 2, stderr: 'bench: --rounds x: expected a whole number from 1 to 1000\n' },
    ],
    [QUICK, { PATH: '/nowhere' }, { code: 2, stderr: /^bench: wrk is not installed\..*--install/ }],
    [[...QUICK, '--install'], { PATH: '/nowhere' }, { code: 2, stderr: /^bench: cannot run apt-get/ }],
  ]
  for (const [words, env, expected] of cases) {
    t.match(await runProgram(t, 'main.js', words, env).ended, expected, words.join(' '))
  }
})

t.test('bench goes on without a peer that is missing, and compares with an earlier report', async t => {
  const { env, out } = prepare(t)
  const first = await runProgram(t, 'main.js', [...QUICK, '--edge', '/nowhere', '--out', out], env).ended
  t.equal(first.code, 1)
  t.match(first.stdout, /^! edge@nowhere is left out: \/nowhere\/dist\/edge\/main\.js is not there/m)
  t.match(first.stdout, /^1 KB +nginx#2 /m)
  const words = [...QUICK, '--compare', out, '--gate', '--out', out.replace('.json', '-2.json')]
  const second = await runProgram(t, 'main.js', words, env).ended
  t.equal(second.code, 0, second.stderr)
  t.match(second.stdout, /^Ratios before .* and now /m)
})
