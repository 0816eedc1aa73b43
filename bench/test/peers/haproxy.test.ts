import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { haproxyConfiguration, haproxyKind } from '../../peers/haproxy.js'
import { Processes } from '../../processes.js'
import { ask, saysHit } from '../../request.js'
import { pathWith, writeHaproxy } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'

t.test('haproxyConfiguration() is a caching proxy at its best', async t => {
  const origins = { originUrl: 'http://127.0.0.1:5678', furtherOrigins: ['http://127.0.0.1:5679'] }
  const text = haproxyConfiguration(1234, origins)
  for (const line of [
    'nbthread 1',
    'bind 127.0.0.1:1234',
    'server origin0 127.0.0.1:5678 ',
    'server origin1 127.0.0.1:5679 ',
    'http-reuse always',
    'total-max-size 512',
    'max-object-size 4194304',
  ]) {
    t.ok(text.includes(line), line)
  }
  const host = { workers: 2, objectBytesMax: 64 * 2 ** 20, cacheBytesMax: 8 * 2 ** 30 }
  const large = haproxyConfiguration(1234, { ...origins, host })
  for (const line of ['nbthread 2', 'total-max-size 4095', 'max-object-size 67108864']) {
    t.ok(large.includes(line), line)
  }
})

t.test('haproxy is started in its own directory, serves, and is stopped', async t => {
  const path = process.env.PATH
  const processes = new Processes()
  withoutCoverage(t)
  process.env.PATH = pathWith(t.testdirName)
  t.teardown(async () => {
    process.env.PATH = path
    await processes.stopAll()
  })
  writeHaproxy(t.testdir())
  const origin = await startOrigin(processes, undefined)
  const directory = join(t.testdirName, 'run')
  const peer = haproxyKind.create({ name: 'h', directory, originUrl: origin.url, processes, core: undefined })
  t.strictSame(peer.pids(), [])
  await peer.stop()
  await peer.start()
  t.equal(haproxyKind.version(), 'HAProxy version 9.9')
  t.equal(haproxyKind.problem(), undefined)
  t.equal(readFileSync(join(directory, 'haproxy.cfg'), 'utf8'), peer.configuration)
  t.equal(peer.pids().length, 1)
  t.notOk(saysHit(await ask(`${peer.url}/hit/3`)))
  t.ok(saysHit(await ask(`${peer.url}/hit/3`)))
  await peer.stop()
  await t.rejects(ask(`${peer.url}/hit/3`), { code: 'ECONNREFUSED' })
})
