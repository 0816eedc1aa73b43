import { join } from 'node:path'
import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { varnishArguments, varnishKind, varnishProgram } from '../../peers/varnish.js'
import { Processes } from '../../processes.js'
import { ask, saysHit } from '../../request.js'
import { pathWith, writeVarnish } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'

t.test('varnishProgram() has a director only where there are several origins', async t => {
  const one = varnishProgram({ originUrl: 'http://127.0.0.1:5678' })
  t.match(one, /backend origin0 \{ \.host = "127\.0\.0\.1"; \.port = "5678"; \}/)
  t.notMatch(one, /round_robin/)
  const two = varnishProgram({ originUrl: 'http://127.0.0.1:1', furtherOrigins: ['http://127.0.0.1:2'] })
  t.match(two, /all\.add_backend\(origin0\);\s+all\.add_backend\(origin1\);/)
})

t.test('varnishArguments() keep all in memory and log no request', async t => {
  const words = varnishArguments(1234, 'a.vcl', '/x', { cacheBytes: 7 })
  for (const word of ['127.0.0.1:1234', 'a.vcl', 'malloc,7', '/x/work', 'thread_pools=1'])
    t.ok(words.includes(word), word)
  t.match(
    words.find(word => word.startsWith('vsl_mask=')),
    /^vsl_mask=(-\w+,)+-\w+$/,
  )
})

t.test('varnish is started, serves, and is stopped; TLS is not for it', async t => {
  const path = process.env.PATH
  const processes = new Processes()
  withoutCoverage(t)
  process.env.PATH = pathWith(t.testdirName)
  t.teardown(async () => {
    process.env.PATH = path
    await processes.stopAll()
  })
  writeVarnish(t.testdir())
  const origin = await startOrigin(processes, undefined)
  const directory = join(t.testdirName, 'run')
  const peer = varnishKind.create({ name: 'v', directory, originUrl: origin.url, processes, core: undefined })
  await peer.start()
  t.equal(varnishKind.version(), 'varnishd (varnish-9.9)')
  t.equal(varnishKind.problem(), undefined)
  t.match(varnishKind.cannot!({ name: 'tls', isSecure: true }), /no TLS/)
  t.equal(varnishKind.cannot!({ name: 'hit' }), undefined)
  t.notOk(saysHit(await ask(`${peer.url}/hit/3`)))
  t.ok(saysHit(await ask(`${peer.url}/hit/3`)))
  await peer.stop()
  await t.rejects(ask(`${peer.url}/hit/3`), { code: 'ECONNREFUSED' })
})
