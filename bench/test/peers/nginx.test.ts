import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startOrigin } from '../../origin/start.js'
import { nginxConfiguration, nginxKind } from '../../peers/nginx.js'
import { Processes } from '../../processes.js'
import { ask, saysHit } from '../../request.js'
import { pathWith, writeNginx } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'

t.test('nginxConfiguration() is a caching proxy at its best', async t => {
  const text = nginxConfiguration(1234, { originUrl: 'http://127.0.0.1:5678' })
  const lines = [
    'listen 127.0.0.1:1234',
    'server 127.0.0.1:5678;',
    'access_log off;',
    'sendfile on;',
    'tcp_nopush on;',
  ]
  for (const line of [
    ...lines,
    'open_file_cache max',
    'keepalive 128;',
    'worker_processes 1;',
    'daemon off;',
  ]) {
    t.ok(text.includes(line), line)
  }
  t.equal(text.split('{').length, text.split('}').length)
})

t.test('nginx is started in its own directory, serves, and is stopped', async t => {
  const path = process.env.PATH
  const processes = new Processes()
  withoutCoverage(t)
  process.env.PATH = pathWith(t.testdirName)
  t.teardown(async () => {
    process.env.PATH = path
    await processes.stopAll()
  })
  writeNginx(t.testdir())
  const origin = await startOrigin(processes, undefined)
  const directory = join(t.testdirName, 'run')
  const peer = nginxKind.create({ name: 'n', directory, originUrl: origin.url, processes, core: undefined })
  t.strictSame(peer.pids(), [])
  await peer.stop()
  await peer.start()
  t.equal(nginxKind.version(), 'nginx version: nginx/9.9')
  t.equal(nginxKind.problem(), undefined)
  t.equal(readFileSync(join(directory, 'nginx.conf'), 'utf8'), peer.configuration)
  t.equal(peer.pids().length, 1)
  t.notOk(saysHit(await ask(`${peer.url}/hit/3`)))
  t.ok(saysHit(await ask(`${peer.url}/hit/3`)))
  await peer.stop()
  await t.rejects(ask(`${peer.url}/hit/3`), { code: 'ECONNREFUSED' })
})

t.test('nginxConfiguration() takes the workers and the cache that a scenario asks for', async t => {
  const text = nginxConfiguration(1, { originUrl: 'http://127.0.0.1:2', workers: 2, cacheBytes: 1_000 })
  t.match(text, /worker_processes 2;/)
  t.match(text, /max_size=1000 /)
})
