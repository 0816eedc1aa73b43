import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { deoptimisationsIn, describe, garbage, isKept, type Sample } from '../../host/garbage.js'
import { Problem } from '../../problem.js'
import { listenOn } from '../support/servers.js'
import { contextOf } from './support.js'

const good: Sample = { mode: 'path', hits: 1_000, bytesPerHit: 900, deoptimisations: [] }

t.test('isKept() wants little garbage and no deoptimisation', async t => {
  t.ok(isKept(good))
  t.notOk(isKept({ ...good, bytesPerHit: 1_025 }))
  t.notOk(isKept({ ...good, deoptimisations: ['handle: deopt-eager, reason: wrong map'] }))
})

t.test('describe() says what was found and what is wanted', async t => {
  t.equal(describe(good), 'edge, path: 900 bytes a hit (<= 1024), 0 deoptimisations in 1000 hits (0)')
  t.match(describe({ ...good, deoptimisations: ['a: b', 'c: d'] }), /, 2 deoptimisations in .*: a: b; c: d$/)
})

t.test('deoptimisationsIn() reads what V8 writes', async t => {
  const file = join(t.testdir(), 'code')
  t.strictSame(deoptimisationsIn(file), [], 'without one it writes no file')
  const program = `
    function pick(x) { return x.a }
    for (let i = 0; i < 1e6; i += 1) pick({ a: i });
    %OptimizeFunctionOnNextCall(pick)
    pick({ a: 1 })
    pick({ b: 1, a: 1 })`
  const flags = ['--allow-natives-syntax', '--trace-deopt', '--redirect-code-traces']
  const env = { ...process.env, NODE_OPTIONS: '' }
  spawnSync(process.execPath, [...flags, `--redirect-code-traces-to=${file}`, '-e', program], { env })
  const found = deoptimisationsIn(file)
  t.ok(
    found.some(line => /^pick: deopt-eager, reason: /.test(line)),
    found.join('\n'),
  )
})

t.test('garbage needs a worker that has the probe in it', async t => {
  const peer = {
    ...{ url: '', name: 'edge', directory: '', configuration: '' },
    start: async () => {
      throw new Problem('it does not start', 1)
    },
    pids: () => [],
    stop: async () => {},
  }
  const kind = { name: 'edge', tools: [], problem: () => undefined, version: () => '', create: () => peer }
  await t.rejects(garbage.run(contextOf(t, {}, [kind])), { message: 'it does not start' })
})

t.test('garbage divides what the probe saw by the hits', async t => {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'Cache-Status': 'naij; hit; ttl=5', 'Content-Length': 2 }).end('ok')
  })
  const port = await listenOn(t, server)
  t.teardown(() => server.closeAllConnections())
  const context = contextOf(t, { seconds: 0.01 })
  const files = ['path', 'ahead'].map(mode => join(context.directory, `garbage-${mode}.json`))
  const peer = {
    ...{ url: `http://127.0.0.1:${port}`, name: 'edge', directory: '', configuration: '' },
    start: async () => {},
    // As the probe would, when it is told.
    pids: () => {
      for (const name of files.flatMap(file => [`${file}.begun`, file]))
        writeFileSync(name, '{"allocatedBytes":200000}')
      return []
    },
    stop: async () => {},
  }
  const kind = { name: 'edge', tools: [], problem: () => undefined, version: () => '', create: () => peer }
  const { samples, isKept: isGood } = await garbage.run({ ...context, kinds: [kind] })
  const expected = { hits: 200, bytesPerHit: 1_000, deoptimisations: [] }
  t.strictSame(samples, [
    { mode: 'path', ...expected },
    { mode: 'ahead', ...expected },
  ])
  t.equal(isGood, true)
})
