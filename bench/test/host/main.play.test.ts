// The measurements through sockets once, small, on the real edge that is built: what they find depends on the machine,
// that they find it does not.
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

async function run(words: string) {
  const child = spawn(process.execPath, [program, ...words.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

t.test(
  'collapse and slow-readers, small',
  { skip: addon.isPresent ? false : 'the addon is not there' },
  async t => {
    const file = join(t.testdir({}), 'report/host.json')
    const small = 'collapse slow-readers --clients 20 --readers 20 --megabytes 4 --seconds 1 --rounds 1'
    const { out, err, code } = await run(`${small} --alone --out ${file}`)
    t.equal(err, '')
    t.ok(code === 0 || code === 1, 'whether the promises hold is not for here')
    t.match(out, /^ {2}edge: origin asked 1 times at most \(1\); last first byte/m)
    t.match(out, /^ {2}edge, stored: .* for 20 readers/m)
    const { results, scale } = JSON.parse(readFileSync(file, 'utf8'))
    t.match(scale, { clients: 20, objectBytes: 4 * 2 ** 20 })
    t.match(results.collapse.samples, [{ peer: 'edge', originRequests: 1 }])
    t.match(results['slow-readers'].samples, [
      { mode: 'stored', originRequests: 1 },
      { mode: 'absent', originRequests: 1 },
    ])
  },
)
