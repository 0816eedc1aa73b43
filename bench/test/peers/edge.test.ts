import { join } from 'node:path'
import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { edgeConfiguration, edgeKind, otherEdgeKind } from '../../peers/edge.js'
import { Processes } from '../../processes.js'
import { ask } from '../../request.js'
import { writeCheckout } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'

t.test('edgeConfiguration() is one worker without access log, with paths of its own', async t => {
  t.strictSame(JSON.parse(edgeConfiguration(1234, ['http://127.0.0.1:5678'])), {
    listen: [{ address: '127.0.0.1', port: 1234 }],
    workers: 1,
    cache: { directory: 'cache' },
    log: { access: 'off', level: 'warn' },
    sites: [{ hosts: ['*'], origins: ['http://127.0.0.1:5678'] }],
  })
})

t.test('edgeKind() says when nothing is built', async t => {
  const kind = edgeKind(t.testdir())
  t.equal(kind.name, 'edge')
  t.match(kind.problem(), /dist\/edge\/main\.js is not there: run `npm run build`/)
})

t.test('the edge of another checkout is started, serves, and is stopped', async t => {
  const processes = new Processes()
  withoutCoverage(t)
  t.teardown(() => processes.stopAll())
  const checkout = writeCheckout(join(t.testdir(), 'before'))
  const kind = otherEdgeKind(checkout)
  t.equal(kind.name, 'edge@before')
  t.equal(kind.problem(), undefined)
  t.match(kind.version(), /^9\.9\.9/)
  const origin = await startOrigin(processes, undefined)
  const directory = join(t.testdirName, 'run')
  const peer = kind.create({ name: kind.name, directory, originUrl: origin.url, processes, core: undefined })
  t.strictSame(peer.pids(), [])
  await peer.stop()
  await peer.start()
  t.equal(JSON.parse(peer.configuration).sites[0].origins[0], origin.url)
  t.equal(peer.pids().length, 1)
  t.equal((await ask(`${peer.url}/hit/3`)).body.length, 3)
  await peer.stop()
  await t.rejects(ask(`${peer.url}/hit/3`), { code: 'ECONNREFUSED' })
})

t.test('edgeConfiguration() takes the workers and the cache that a scenario asks for', async t => {
  const text = edgeConfiguration(1, ['http://127.0.0.1:2'], { workers: 2, cacheBytes: 1_000_000_000 })
  t.match(JSON.parse(text), { workers: 2, cache: { bytesMax: 1_000_000_000, hotBytesMax: 250_000_000 } })
})
