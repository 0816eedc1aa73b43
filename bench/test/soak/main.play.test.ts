// The short form of `npm run soak`, and what its command line says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { packageRoot } from '../../root.js'

const program = join(packageRoot(), 'dist/bench/soak/main.js')
const addon = nativeStatus()

async function run(...args: string[]) {
  // Processes below it would load the loaders of the tests anew, each of them.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

t.test('some seconds of it', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const { out, err, code } = await run('--seconds', '4', '--seed', '4712', '--clients', '8', '--between', '2')
  t.match({ err, code }, { err: '', code: 0 }, out)
  t.match(out, /^seed 4712, 4 seconds\n/)
  t.match(out, /anonymous memory, MiB: too short a time to judge/)
  t.match(out, /no faults\n$/)
})

t.test('what is not understood is said', async t => {
  t.match(await run('--seconds', 'all'), { code: 2, err: /soak: --seconds: all is not a whole number/ })
  t.match(await run('--how'), { code: 2, err: /soak: .*--how/ })
})
