// An edge is replaced by another one while it is under load, three times over, and then its workers by others: what clients
// see of it, and that what was cached is still there. With net.ipv4.tcp_migrate_req=1 nobody sees anything; without it the kernel resets what waits
// to be accepted by a worker that goes.
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { controlOf, ledEdge } from '../support/control.js'
import { startOrigin } from '../support/origin.js'
import { realMain, runProgram, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const addon = nativeStatus()
const migration = '/proc/sys/net/ipv4/tcp_migrate_req'
/** With a new connection for each request. */
const connecting = 8
/** Per hand-over, without the kernel's help: what each of them had waiting at that moment, on a busy machine. */
const resetsMax = connecting
/** Of each client between two requests. */
const pauseMs = 25

interface Load {
  readonly seen: { answers: number; misses: number; failures: string[] }
  stop(): Promise<void>
}

/** Clients that keep their connection as long as they may, and clients with a new one for each request. */
function startLoad(url: string): Load {
  const seen = { answers: 0, misses: 0, failures: [] as string[] }
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let isOn = true
  const client = async (each: Agent | false): Promise<void> => {
    while (isOn) {
      const isHit = await ask(`${url}/kept`, each).catch((error: NodeJS.ErrnoException) => {
        seen.failures.push(error.code ?? error.message)
        return true
      })
      seen.answers += 1
      if (!isHit) seen.misses += 1
      // As many as not to be what the machine has to do.
      await setTimeoutPromise(pauseMs)
    }
  }
  const all = [...Array(8).fill(agent), ...Array(connecting).fill(false)].map(each => client(each))
  return {
    seen,
    async stop() {
      isOn = false
      await Promise.all(all)
      agent.destroy()
    },
  }
}

function ask(url: string, agent: Agent | false): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, response => {
      response.resume().once('error', reject)
      response.once('end', () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
        else resolve(/; hit/.test(String(response.headers['cache-status'])))
      })
    }).once('error', reject)
  })
}

/** Undefined: it may not be set here. */
function setMigration(value: string): string | undefined {
  try {
    const before = readFileSync(migration, 'utf8').trim()
    writeFileSync(migration, value)
    return before
  } catch {
    return undefined
  }
}

async function play(t: Test, isLossless: boolean, handOvers: number): Promise<void> {
  const origin = await startOrigin(t, (_, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=600' }).end('kept')
  })
  const directory = t.testdir()
  const settings = {
    workers: 1,
    drainTimeoutMs: '5s',
    log: { access: 'off' },
    sites: [{ name: 'first', hosts: ['*'], origins: [origin.url] }],
  }
  const edge = startEdge(t, settings, realMain, directory)
  const url = await edge.url()
  const port = Number(new URL(url).port)
  edge.rewrite({ listen: [{ address: '127.0.0.1', port }] })
  await until(async () => (await ask(`${url}/kept`, false)) || undefined)
  const asked = origin.asked.length
  const load = startLoad(url)
  let running: Pick<typeof edge, 'child' | 'ended'> = edge
  for (let count = 1; count <= handOvers; count += 1) {
    const failuresBefore = load.seen.failures.length
    const next = runProgram(t, ['--config', `${directory}/edge.json`, '--take-over'], realMain)
    await until(() => next.stdout.find(line => line.startsWith('naij-edge ready')))
    t.match(await running.ended, { code: 0, signal: null }, 'the old one has left by itself')
    t.match(await edge.status(), { pid: next.child.pid, state: 'running', workerDeaths: 0 })
    t.equal((await edge.admin('/readyz')).status, 200)
    const failures = load.seen.failures.slice(failuresBefore)
    t.comment(`hand-over ${count}: ${failures.length} failed of ${load.seen.answers} so far: ${failures}`)
    t.ok(failures.length <= (isLossless ? 0 : resetsMax), `${failures.length} failures: ${failures}`)
    t.ok(
      failures.every(code => code === 'ECONNRESET'),
      'what the kernel did, if anything',
    )
    running = next
  }
  const failuresBefore = load.seen.failures.length
  running.child.kill('SIGUSR2')
  await until(async () => {
    const { generation, workers } = await edge.status()
    return generation === 2 && workers.length === 1 ? true : undefined
  })
  const failures = load.seen.failures.slice(failuresBefore)
  t.comment(`a new generation: ${failures.length} failed`)
  t.ok(failures.length <= (isLossless ? 0 : resetsMax), `${failures.length} failures: ${failures}`)
  await load.stop()
  t.ok(load.seen.answers > 200, `${load.seen.answers} answers`)
  t.equal(load.seen.misses, 0, 'the cache stays warm')
  t.equal(origin.asked.length, asked)
  const purged = await edge.purge({ kind: 'all' })
  t.equal(purged.status, 200, 'the keeper is there')
}

const skip = addon.isPresent ? false : 'the addon is not there'

t.test('three hand-overs under load, as the kernel comes', { skip }, async t => {
  const before = setMigration('0')
  t.teardown(() => void (before !== undefined && setMigration(before)))
  await play(t, false, 3)
})

t.test('a hand-over under load, with tcp_migrate_req', { skip }, async t => {
  const before = setMigration('1')
  if (before === undefined) t.comment('net.ipv4.tcp_migrate_req may not be set here')
  else {
    t.teardown(() => void setMigration(before))
    await play(t, true, 1)
  }
})

t.test('the link to control goes with it', { skip }, async t => {
  const control = await controlOf(t)
  const home = runDirectoryOf(t)
  const edge = ledEdge(t, control, { name: 'a', home, more: { drainTimeoutMs: '1s' } })
  const port = Number(new URL(await edge.url()).port)
  edge.rewrite({ listen: [{ address: '127.0.0.1', port }] })
  const site = { hosts: ['*'], origins: ['http://127.0.0.1:9'] }
  const serves = (revision: number) =>
    until(async () => {
      const { control: led } = await edge.status()
      return led?.state === 'connected' && led.revision === revision ? true : undefined
    })
  t.match(await control.activate('shop', site), { status: 200 })
  await serves(1)
  const next = runProgram(t, ['--config', `${home}/edge.json`, '--take-over'], realMain)
  await until(() => next.stdout.find(line => line.startsWith('naij-edge ready')))
  await edge.ended
  await serves(1)
  t.match(await edge.status(), { pid: next.child.pid })
  t.match(await control.activate('shop', { ...site, originHost: 'other.example' }), { status: 200 })
  await serves(2)
  t.match(await control.edge('a'), { name: 'a' }, 'control knows one edge, whoever it is')
})
