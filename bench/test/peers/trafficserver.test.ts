import { existsSync } from 'node:fs'
import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { trafficServerFiles, trafficServerKind } from '../../peers/trafficserver.js'
import { Processes } from '../../processes.js'
import { ask, saysHit } from '../../request.js'
import { pathWith, writeProgram, writeTrafficServer } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'

t.test('trafficServerFiles() are a caching proxy at its best', async t => {
  const originUrl = 'http://127.0.0.1:5678'
  const files = trafficServerFiles(1234, '/x', { originUrl, cacheBytes: 7 })
  t.match(
    files['etc/records.config'],
    /exec_thread\.limit INT 1\n[\s\S]*server_ports STRING 1234:ip-in=127\.0\.0\.1\n/,
  )
  t.equal(files['etc/storage.config'], '/x/cache 7\n')
  t.equal(files['etc/remap.config'], `map / ${originUrl}\n`)
  t.match(files['runroot.yaml'], /^sysconfdir: \/x\/etc$/m)
  t.equal(files['etc/ssl_multicert.config'], '')
  const secure = { certFile: '/c', keyFile: '/k', bothFile: '/b' }
  const large = trafficServerFiles(1, '/x', {
    ...{ originUrl, secure, isHttp2: true },
    host: { workers: 2, objectBytesMax: 9, cacheBytesMax: 8 },
  })
  t.match(large['etc/records.config'], /1:ssl:ip-in=127\.0\.0\.1:proto=http2;http\n/)
  t.match(
    large['etc/records.config'],
    /limit INT 2\n[\s\S]*ram_cache_cutoff INT 9\n[\s\S]*read_while_writer INT 1/,
  )
  t.match(large['etc/ssl_multicert.config'], /ssl_cert_name=\/c ssl_key_name=\/k/)
})

t.test('trafficserver has a directory of its own, serves, and leaves nothing', async t => {
  const path = process.env.PATH
  const processes = new Processes()
  withoutCoverage(t)
  process.env.PATH = pathWith(t.testdirName)
  t.teardown(async () => {
    process.env.PATH = path
    await processes.stopAll()
  })
  writeTrafficServer(t.testdir())
  // Whom the package makes is not there without it.
  writeProgram(t.testdirName, 'id', '/bin/sh', 'echo 0\n')
  const origin = await startOrigin(processes, undefined)
  const context = { directory: t.testdirName, originUrl: origin.url, processes, core: undefined }
  const peer = trafficServerKind.create({ name: 'ats', ...context })
  t.strictSame([peer.url, peer.configuration, peer.directory], ['', '', t.testdirName])
  await peer.start()
  t.equal(trafficServerKind.version(), 'Traffic Server 9.9')
  t.equal(trafficServerKind.problem(), undefined)
  t.notOk(saysHit(await ask(`${peer.url}/hit/3`)))
  t.ok(saysHit(await ask(`${peer.url}/hit/3`)))
  t.match(peer.configuration, /# etc\/remap\.config\nmap/)
  t.ok(existsSync(peer.directory))
  await peer.stop()
  t.notOk(existsSync(peer.directory))
})
