import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { type AdminView, json, openAdmin } from '../../supervise/admin.js'
import { noCounters } from '../../supervise/counters.js'
import { deferred } from '../../supervise/deferred.js'
import { noKeeper } from '../../supervise/keeper-status.js'
import { noOptimiser } from '../../supervise/optimiser-slot.js'
import type { Status } from '../../supervise/status.js'
import { ask } from '../support/supervise-play.js'
import { explainedBySound } from '../support/supervise-spawn.js'
import { until } from '../support/supervise-until.js'

const status: Status = {
  version: '0.1.0',
  pid: 1,
  state: 'running',
  generation: 1,
  configRevision: 1,
  uptimeMs: 1,
  listeners: [
    { port: 80, connectionsMax: 9, proxyFrom: [], chunkedUploads: 'close', tls: { certificates: [] } },
  ],
  workers: [],
  keeper: noKeeper(),
  optimiser: noOptimiser,
  saved: [],
  control: null,
  origins: [],
  cache: { bytes: 0, entries: 0, bytesMax: 1 },
  counters: noCounters(),
  workerDeaths: 0,
  configReloads: 0,
  configReloadFailures: 0,
  configDigest: 'd',
  residentBytes: 1,
}

async function admin(t: Test, missing: string[] = [], more: Partial<AdminView> = {}) {
  const path = `/tmp/naij-admin-${process.pid}.sock`
  const view = {
    missing: () => missing,
    status: async () => status,
    explain: async () => explainedBySound,
    handOver: async () => json(200, {}),
    purge: async (body: string) => ({ status: 200, type: 'text/plain', body }),
  }
  const opened = await openAdmin(path, { ...view, ...more })
  t.teardown(() => opened.close())
  return { path, opened }
}

t.test('openAdmin() answers its paths', async t => {
  const { path } = await admin(t)
  t.match(await ask(path, '/livez'), { status: 200, body: 'ok' })
  t.match(await ask(path, '/readyz'), { status: 200, body: '{"ready":true}\n' })
  const answer = await ask(path, '/status?pretty')
  t.strictSame(JSON.parse(answer.body), status)
  t.match(answer.headers, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  const metrics = await ask(path, '/metrics')
  t.match(metrics.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(metrics.body, /^naij_config_revision 1$/m)
})

t.test('openAdmin() is not ready while something is missing, and says what', async t => {
  const { path } = await admin(t, ['worker 1 is starting'])
  const answer = await ask(path, '/readyz')
  t.equal(answer.status, 503)
  t.strictSame(JSON.parse(answer.body), { ready: false, missing: ['worker 1 is starting'] })
})

t.test('openAdmin() refuses other paths and methods in JSON', async t => {
  const { path } = await admin(t)
  const unknown = await ask(path, '/nothing')
  t.match(unknown, { status: 404, headers: { 'content-type': 'application/json' } })
  t.match(JSON.parse(unknown.body), {
    error: { code: 'not-found', message: /\/explain, \/purges, \/hand-over$/ },
  })
  const wrong = await ask(path, '/status', 'POST')
  t.match(wrong, { status: 405, headers: { allow: 'GET' } })
  t.match(JSON.parse(wrong.body), { error: { code: 'method-not-allowed' } })
})

t.test('openAdmin() says what went wrong with an answer, and goes on', async t => {
  const status = () => Promise.reject(new Error('no status'))
  const { path } = await admin(t, [], { status })
  const answer = await ask(path, '/metrics')
  t.equal(answer.status, 500)
  t.strictSame(JSON.parse(answer.body), { error: { code: 'internal', message: 'no status' } })
  t.match(await ask(path, '/livez'), { status: 200 })
})

t.test('openAdmin() opens its socket to owner and group only, and removes it at the end', async t => {
  const { path, opened } = await admin(t)
  t.equal(statSync(path).mode & 0o777, 0o660)
  await opened.close()
  t.notOk(existsSync(path))
})

t.test('openAdmin() bounds what it reads', async t => {
  const { path } = await admin(t)
  const answer = await new Promise<string>(resolve => {
    const socket = connect(path)
    let text = ''
    socket.on('data', data => {
      text += data
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => {})
    socket.write(`GET /livez HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(80_000)}\r\n\r\n`)
  })
  t.match(answer, /^HTTP\/1\.1 431 /)
})

t.test('openAdmin() rejects when the socket cannot be had', async t => {
  const view = {
    missing: () => [],
    status: async () => status,
    handOver: async () => json(200, {}),
    explain: async () => explainedBySound,
    purge: async (body: string) => ({ status: 200, type: 'text/plain', body }),
  }
  await t.rejects(openAdmin('/dev/null/edge.sock', view), { code: 'admin-socket' })
})

t.test('openAdmin() takes what is to be purged, by POST alone and within bounds', async t => {
  const { path } = await admin(t)
  t.match(await ask(path, '/purges', 'POST', '{"kind":"all"}'), { status: 200, body: '{"kind":"all"}' })
  t.match(await ask(path, '/purges'), { status: 405, headers: { allow: 'POST' } })
  t.match(await ask(path, '/livez', 'POST'), { status: 405, headers: { allow: 'GET' } })
  const large = await ask(path, '/purges', 'POST', 'x'.repeat(8 * 1024 * 1024 + 1))
  t.match(large, { status: 413, body: /body-too-large/ })
})

t.test('openAdmin() says whether an answer was heard', async t => {
  const heard: boolean[] = []
  const later = deferred()
  const { path } = await admin(t, [], {
    handOver: async () => {
      await later.promise
      return { ...json(200, {}), onSent: is => void heard.push(is) }
    },
  })
  const leaving = connect(path)
  leaving.write('POST /hand-over HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
  await once(leaving, 'connect')
  // One request has to have come before its client leaves: another is answered behind it.
  await ask(path, '/livez')
  leaving.destroy()
  await ask(path, '/livez')
  later.resolve()
  await until(() => heard[0] !== undefined || undefined)
  t.strictSame(heard, [false])
  t.match(await ask(path, '/hand-over', 'POST'), { status: 200 })
  await until(() => heard[1])
  t.strictSame(heard, [false, true])
})
