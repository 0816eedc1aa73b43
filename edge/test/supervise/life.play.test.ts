// A running edge as a process, with real worker processes that serve a small answer: deaths, reloads, generations.
import t from 'tap'
import {
  countedRequests,
  fetchText,
  gone,
  replacementOf,
  runProgram,
  startEdge,
} from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

function named(name: string) {
  return { sites: [{ name, hosts: ['*'], origins: ['http://127.0.0.1:9'] }] }
}

t.test('one edge through its life', async t => {
  const edge = startEdge(t, { workers: 1 })
  const url = await edge.url()
  const workerPid = async () => (await edge.status()).workers[0]!.pid!

  await t.test('naij-edge replaces a worker that was killed, and keeps its counts', async t => {
    await fetchText(url)
    // What the supervisor does not know of when the worker dies is lost.
    await countedRequests(edge, 1)
    const first = await workerPid()
    const killedMs = performance.now()
    process.kill(first, 'SIGKILL')
    await replacementOf(edge, first)
    t.comment(`replaced after ${Math.round(performance.now() - killedMs)} ms, compiling the sources included`)
    await fetchText(url)
    t.match(await countedRequests(edge, 2), { workerDeaths: 1 })
    const line = await edge.logged('worker died')
    t.match(line, { slot: 0, worker: first, signal: 'SIGKILL', delayMs: 0, pid: edge.child.pid })
  })

  await t.test('naij-edge replaces a worker that crashed, which says why', async t => {
    const second = await workerPid()
    await fetchText(`${url}/crash`).catch(() => {})
    await replacementOf(edge, second)
    const crash = await edge.logged('worker crashed')
    t.match(crash, { level: 60, pid: second, slot: 0, err: { message: 'asked to crash' } })
    t.match(await edge.logged('"code":1,.*worker died'), { worker: second, signal: null })
  })

  await t.test('naij-edge swaps the sites on SIGHUP, and keeps the old when the file is bad', async t => {
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

  await t.test('naij-edge starts a new generation on SIGUSR2, and the old one leaves', async t => {
    const old = await workerPid()
    edge.rewrite({ drainTimeoutMs: '9s' })
    edge.child.kill('SIGUSR2')
    await gone(old)
    const now = await until(async () => {
      const status = await edge.status()
      return status.workers.length === 1 ? status : undefined
    })
    t.match(now, { generation: 2, workerDeaths: 2, workers: [{ state: 'ready', generation: 2 }] })
  })

  await t.test('naij-edge refuses to run twice on one admin socket', async t => {
    const { spawnargs } = edge.child
    const second = runProgram(t, spawnargs.slice(spawnargs.indexOf('--config')))
    const { code, stderr } = await second.ended
    t.equal(code, 2)
    t.match(stderr, /another naij-edge is running/)
    t.equal((await edge.admin('/readyz')).status, 200, 'the first goes on')
  })
})
