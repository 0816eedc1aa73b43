// The short form of `npm run torture`, and what its command line says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { packageRoot } from '../../root.js'

const program = join(packageRoot(), 'dist/bench/torture/main.js')
const addon = nativeStatus()

async function run(...args: string[]) {
  // Processes below it would load the loaders of the tests anew, each of them.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

t.test('some seconds of it', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const { out, err, code } = await run('--seconds', '6', '--seed', '4711', '--clients', '16')
  t.match({ err, code }, { err: '', code: 0 }, out)
  t.match(out, /^seed 4711\n/)
  t.match(out, /no faults/)
})

t.test('what is not understood is said', async t => {
  t.match(await run('--seconds', 'all'), { code: 2, err: /torture: --seconds: all is not a whole number/ })
  t.match(await run('--how'), { code: 2, err: /torture: .*--how/ })
})
