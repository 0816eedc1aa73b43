// The misuse of every function once more, with AddressSanitizer. All tests of the room: npm run asan.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { packageRoot } from '../addon.js'
import { has, needsAddon } from './support/addon.js'

const program = join(packageRoot(), 'native/test/asan.mjs')
const skip = needsAddon.skip || (has('g++') ? false : 'no g++ to build with AddressSanitizer')

t.test('no wrong argument makes the addon touch what it must not', { skip }, async t => {
  const child = spawn(process.execPath, [program, 'addon'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  t.equal(code, 0, output)
  t.match(output, /^asan: (addon: good|skipped: .*)\n$/)
})
