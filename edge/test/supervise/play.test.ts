// The supervisor as a process, with real worker processes that serve a small answer: signals, deaths, exit codes.
import { get } from 'node:http'
import t, { type Test } from 'tap'
import { type Edge, runProgram, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const one = { workers: 1 }

function named(name: string) {
  return { sites: [{ name, hosts: ['*'], origins: ['http://127.0.0.1:9'] }] }
}

async function urlOf(edge: Edge): Promise<string> {
  return /http:\/\/\S+/.exec(await edge.ready())![0]
}

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, response => {
      let body = ''
      response.on('data', data => {
        body += data
      })
      response.on('end', () => resolve(body))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const gone = (pid: number) => until(() => (isAlive(pid) ? undefined : true))

async function replaced(edge: Edge, dead: number) {
  return until(async () =>
    (await edge.status()).workers.find(
      ({ pid, state, slot }) => slot === 0 && pid !== dead && state === 'ready',
    ),
  )
}

function edgeOf(t: Test, settings = {}) {
  return startEdge(t, { ...one, ...settings })
}

t.test('naij-edge says ready first and once, answers, and drains on SIGTERM with exit 0', async t => {
  const edge = startEdge(t)
  const url = await urlOf(edge)
  t.match(await edge.ready(), /^naij-edge ready http:\/\/127\.0\.0\.1:\d+ workers=2 pid=\d+$/)
  t.match((await edge.ready()).split('pid=')[1], String(edge.child.pid))
  t.equal((await edge.admin('/readyz')).status, 200)
  t.match((await edge.admin('/metrics')).body, /^naij_workers_ready 2$/m)
  const answer = fetchText(`${url}/slow`)
  await until(async () => ((await edge.status()).counters.requests === 1 ? true : undefined))
  edge.child.kill('SIGTERM')
  t.equal(await answer, 'slow but whole')
  const { code, stdout } = await edge.ended
  t.equal(code, 0)
  t.match(stdout[0], /^naij-edge ready/, 'nothing before it')
  t.equal(stdout.filter(line => line.startsWith('naij-edge')).length, 1)
  for (const line of stdout.slice(1)) t.doesNotThrow(() => JSON.parse(line))
})

t.test('naij-edge replaces a worker that was killed, and keeps its counts', async t => {
  const edge = edgeOf(t)
  const url = await urlOf(edge)
  await fetchText(url)
  const first = (await edge.status()).workers[0]!.pid!
  const killedMs = performance.now()
  process.kill(first, 'SIGKILL')
  await replaced(edge, first)
  t.comment(`replaced after ${Math.round(performance.now() - killedMs)} ms, compiling the sources included`)
  await fetchText(url)
  t.match(await edge.status(), { workerDeaths: 1, counters: { requests: 2 } })
  const line = await edge.logged('worker died')
  t.match(line, { slot: 0, worker: first, signal: 'SIGKILL', delayMs: 0, pid: edge.child.pid })
})

t.test('naij-edge replaces a worker that crashed, which says why', async t => {
  const edge = edgeOf(t)
  const url = await urlOf(edge)
  const first = (await edge.status()).workers[0]!.pid!
  await fetchText(`${url}/crash`).catch(() => {})
  await replaced(edge, first)
  t.match(await edge.logged('worker crashed'), {
    level: 60,
    pid: first,
    slot: 0,
    err: { message: 'asked to crash' },
  })
  t.match(await edge.logged('worker died'), { code: 1, signal: null })
})

t.test('naij-edge swaps the sites on SIGHUP, and keeps the old when the file is bad', async t => {
  const edge = edgeOf(t)
  const url = await urlOf(edge)
  const before = JSON.parse(await fetchText(url))
  t.match(before, { sites: ['first'] })
  edge.rewrite(named('second'))
  edge.child.kill('SIGHUP')
  await until(async () => ((await edge.status()).configReloads === 1 ? true : undefined))
  t.strictSame(JSON.parse(await fetchText(url)), { pid: before.pid, sites: ['second'] })
  edge.rewrite({ sites: [] })
  edge.child.kill('SIGHUP')
  await edge.logged('the old configuration stays in use: the configuration is bad')
  edge.rewrite(named('refused'))
  edge.child.kill('SIGHUP')
  await edge.logged('the old configuration stays in use: worker 0: cannot build the site refused')
  t.strictSame(JSON.parse(await fetchText(url)), { pid: before.pid, sites: ['second'] })
  t.match(await edge.status(), { configRevision: 2, configReloadFailures: 2 })
})

t.test('naij-edge starts a new generation on SIGUSR2, and the old one leaves', async t => {
  const edge = edgeOf(t)
  await edge.ready()
  const first = (await edge.status()).workers[0]!.pid!
  edge.rewrite({ drainTimeoutMs: '9s' })
  edge.child.kill('SIGUSR2')
  await gone(first)
  const now = await until(async () => {
    const status = await edge.status()
    return status.workers.length === 1 ? status : undefined
  })
  t.match(now, { generation: 2, workerDeaths: 0, workers: [{ state: 'ready', generation: 2 }] })
})

t.test('naij-edge kills what is not finished after drainTimeoutMs, and exits 0', async t => {
  const edge = edgeOf(t, { drainTimeoutMs: 200 })
  const url = await urlOf(edge)
  const hung = fetchText(`${url}/never`)
  await until(async () => ((await edge.status()).counters.requests === 1 ? true : undefined))
  edge.child.kill('SIGINT')
  await t.rejects(hung)
  t.equal((await edge.ended).code, 0)
})

t.test('naij-edge stops at once at the second signal', async t => {
  const edge = edgeOf(t)
  const url = await urlOf(edge)
  const hung = fetchText(`${url}/never`).catch(() => 'broken')
  await until(async () => ((await edge.status()).counters.requests === 1 ? true : undefined))
  edge.child.kill('SIGTERM')
  await until(async () => ((await edge.admin('/readyz')).status === 503 ? true : undefined))
  edge.child.kill('SIGTERM')
  t.equal(await hung, 'broken')
  t.equal((await edge.ended).code, 0)
})

t.test('workers finish and leave by themselves when the supervisor is killed', async t => {
  const edge = startEdge(t)
  const url = await urlOf(edge)
  const pids = (await edge.status()).workers.map(({ pid }) => pid!)
  const answer = fetchText(`${url}/slow`)
  await until(async () => ((await edge.status()).counters.requests === 1 ? true : undefined))
  edge.child.kill('SIGKILL')
  t.equal(await answer, 'slow but whole')
  for (const pid of pids) await gone(pid)
  t.equal(pids.length, 2)
})

t.test('naij-edge exits 2 and says why when a worker cannot start', async t => {
  const { code, stdout, stderr } = await startEdge(t, named('cannot-start')).ended
  t.equal(code, 2)
  t.match(stderr, /^naij-edge: worker \d could not start: the store is not to be had\n$/)
  t.notOk(stdout.some(line => line.startsWith('naij-edge ready')))
})

t.test('naij-edge refuses to run twice on one admin socket', async t => {
  const edge = edgeOf(t)
  await edge.ready()
  const second = runProgram(t, edge.child.spawnargs.slice(edge.child.spawnargs.indexOf('--config')))
  const { code, stderr } = await second.ended
  t.equal(code, 2)
  t.match(stderr, /another naij-edge is running/)
  t.equal((await edge.admin('/readyz')).status, 200, 'the first goes on')
})
