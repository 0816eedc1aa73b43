// Every measurement once, small: what they find depends on the machine, that they find it does not.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { packageRoot } from '../../root.js'

const program = join(packageRoot(), 'dist/bench/host/main.js')
const addon = nativeStatus()

async function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

t.test('all measurements, small', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const file = join(t.testdir({}), 'report/host.json')
  const { out, err, code } = await run('--clients', '20', '--rounds', '1', '--seconds', '1', '--out', file)
  t.equal(err, '')
  t.ok(code === 0 || code === 1, 'whether the promises hold is not for here')
  t.match(out, /origin requests per object: 1 /)
  t.match(out, /fetched: .* MB more .* for 20 readers/)
  t.match(out, /\d+ MB\/s/)
  t.match(out, /both busy: \d+ us/)
  const { results, scale } = JSON.parse(readFileSync(file, 'utf8'))
  t.strictSame(scale, { clients: 20, rounds: 1, seconds: 1 })
  t.match(results.collapse.samples, [{ originRequests: 1, miss: { right: 20 }, hit: { right: 20 } }])
  t.match(results['slow-readers'].samples, [{ name: 'fetched' }, { name: 'stored' }])
})

t.test('what is not understood is said', async t => {
  t.match(await run('nonsense'), { code: 2, err: /no such measurement: nonsense; known are collapse/ })
  t.match(await run('--clients', 'many'), { code: 2, err: /--clients: many is not a whole number/ })
  t.match(await run('--more'), { code: 2, err: /bench:host: .*--more/ })
  t.match(await run('--help'), { code: 0, out: /slow-readers/ })
})
