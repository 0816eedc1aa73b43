// A measurement through sockets once, small, on the real edge that is built: what it finds depends on the machine, that it
// finds it does not. With few readers it is a herd over two workers, too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { nativeStatus } from '../../native/index.js'
import { packageRoot } from '../root.js'

const program = join(packageRoot(), 'dist/bench/main.js')
const addon = nativeStatus()

async function run(words: string) {
  // What all these processes cover is not counted.
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const child = spawn(process.execPath, [program, ...words.split(' ')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

t.test('slow-readers, small', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const file = join(t.testdir({}), 'report/host.json')
  const small = 'slow-readers --readers 20 --megabytes 4 --seconds 1 --rounds 1'
  const { out, err, code } = await run(`${small} --peers none --out ${file}`)
  t.equal(err, '')
  t.ok(code === 0 || code === 1, 'whether the promises hold is not for here')
  t.match(out, /^ {2}edge, stored: .* for 20 readers/m)
  const { measurements: results } = JSON.parse(readFileSync(file, 'utf8'))
  t.match(results['slow-readers'].samples, [
    { mode: 'stored', originRequests: 1 },
    { mode: 'absent', originRequests: 1 },
  ])
})

t.test('origin-flap, small', async t => {
  const file = join(t.testdir({}), 'flap.json')
  const { out, err, code } = await run(`origin-flap --seconds 1 --peers none --out ${file}`)
  t.equal(err, '')
  t.equal(code, 0, 'no client sees an error')
  t.match(out, /^ {2}edge: 0 errors in \d+ requests$/m)
  const [{ phases }] = JSON.parse(readFileSync(file, 'utf8')).measurements['origin-flap'].samples
  t.equal(phases.length, 7)
  for (const { mode, requests } of phases) t.ok(requests > 10, `${mode}: ${requests}`)
})

t.test('what is not understood is said', async t => {
  t.match(await run('nonsense'), {
    code: 2,
    err: /^bench: unknown scenario nonsense; known: hit, /,
  })
  t.match(await run('--help'), { code: 0, out: /slow-readers/ })
})

t.test('garbage, small', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const file = join(t.testdir({}), 'report/host.json')
  const { out, err } = await run(`garbage --seconds 1 --peers none --out ${file}`)
  t.equal(err, '')
  t.match(out, /^ {2}edge, path: \d+ bytes a hit .* in 20000 hits/m)
  const { measurements: results } = JSON.parse(readFileSync(file, 'utf8'))
  const [path, ahead] = results.garbage.samples
  t.ok(path.bytesPerHit > 50 && path.bytesPerHit < 20_000, `${path.bytesPerHit}`)
  t.ok(ahead.bytesPerHit < path.bytesPerHit, `${ahead.bytesPerHit} of what is given ahead of the engine`)
})
