// The keeper beside real workers, as processes: one at a time whoever dies, gone with its edge, and what it does for them.
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { threadsOf } from '../../../native/test/support/threads.js'
import { fillSlots } from '../../shared/join.js'
import type { KeeperStatus } from '../../supervise/keeper-status.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { type Edge, gone, realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'
import { workersOf } from '../support/workers.js'

/** Resolves with the keeper's status when `is` holds for it. */
function keeperWhen(edge: Edge, is: (keeper: KeeperStatus) => boolean): Promise<KeeperStatus> {
  return until(async () => {
    const { keeper } = await edge.status()
    return is(keeper) ? keeper : undefined
  })
}

function keeping(edge: Edge, notPid?: number): Promise<KeeperStatus> {
  return keeperWhen(edge, ({ state, pid }) => state === 'keeping' && pid !== notPid)
}

/** Of the configuration that the edge was started with. */
function cacheDirectoryOf(edge: Edge): string {
  const { spawnargs } = edge.child
  return JSON.parse(readFileSync(spawnargs.at(-1)!, 'utf8')).cache.directory
}

async function metricOf(edge: Edge, name: string): Promise<number> {
  const { body } = await edge.admin('/metrics')
  return Number(new RegExp(`^naij_${name} (.+)$`, 'm').exec(body)?.[1])
}

t.test('one keeper through the life of an edge', needsAddon, async t => {
  // What is asked for once is stored in a cache that is nearly full, too: on a slow machine it would else never be full.
  const { edge, held, ask, asks, clients } = await workersOf(t, { cache: { admitAfter: 1 } })
  const workerPids = async () => (await edge.status()).workers.map(({ pid }) => pid!)

  await t.test('it keeps, leaving its core to those who serve, and is shown', async t => {
    const { pid } = await keeping(edge)
    t.match(threadsOf(pid!).get(pid!), { policy: 3, niceness: 0 }, 'SCHED_BATCH')
    const { disk, segments, fills } = await keeperWhen(edge, ({ fills }) => fills !== null)
    t.ok(disk!.freeBytes > 0)
    t.match(segments, { files: 0, bytes: 0 })
    t.equal(fills!.slots.free, fillSlots)
    t.equal(await metricOf(edge, 'keeper_keeping'), 1)
    t.equal(await metricOf(edge, 'cache_segments_bytes'), 0)
  })

  await t.test('killed, it is replaced, and nobody else notices', async t => {
    const workers = await workerPids()
    const { pid } = await keeping(edge)
    const killedMs = performance.now()
    process.kill(pid!, 'SIGKILL')
    const next = await until(async () => {
      const { keeper } = await edge.status()
      return keeper.pid !== null && keeper.pid !== pid ? keeper : undefined
    })
    t.comment(`replaced after ${Math.round(performance.now() - killedMs)} ms`)
    await keeping(edge, pid!)
    t.comment(`kept again after ${Math.round(performance.now() - killedMs)} ms`)
    t.equal(next.deaths, 1)
    t.match(await edge.logged('keeper died'), { keeper: pid, signal: 'SIGKILL', delayMs: 0 })
    t.strictSame(await workerPids(), workers)
  })

  await t.test('it sees what the workers store', async t => {
    held.length = 0
    const reply = ask('/small')
    await asks(1)
    held[0].response.writeHead(200, fresh).end('small')
    t.equal((await reply).text, 'small')
    await keeperWhen(edge, ({ index }) => index?.entries === 1)
    t.equal(await metricOf(edge, 'fills_total{part="led"}'), 1)
  })

  await t.test('it makes room before the cache is full', async t => {
    const body = Buffer.alloc(1024 * 1024, 'x')
    let stored = 0
    const endMs = performance.now() + 20_000
    // 16 MiB: the segments may take 14, the keeper leaves 12.
    while ((await edge.status()).keeper.totals.segmentsEvicted === 0) {
      if (performance.now() > endMs) throw new Error(`nothing was evicted of ${stored} MiB`)
      stored += 1
      held.length = 0
      const reply = ask(`/large/${stored}`)
      await asks(1)
      held[0].response.writeHead(200, fresh).end(body)
      t.equal((await reply).status, 200)
    }
    t.ok(stored >= 11, `after ${stored} MiB`)
    const { segments } = await keeperWhen(edge, ({ segments: now }) => now!.bytes <= now!.keptBytes)
    t.comment(`${stored} MiB came, ${segments!.files} segments with ${segments!.bytes} bytes stay`)
    t.ok((await metricOf(edge, 'cache_segments_evicted_total')) > 0)
  })

  await t.test('a killed worker leaves no slot behind', async t => {
    held.length = 0
    const [leader] = await clients()
    const lost = leader!.ask('/lost').then(
      () => 'answered',
      () => 'broken',
    )
    await asks(1)
    await keeperWhen(edge, ({ fills }) => fills?.slots.asking === 1)
    process.kill(leader!.pid, 'SIGKILL')
    t.equal(await lost, 'broken')
    // `unshared` is nobody's, and taken by whoever needs a slot when its time is over.
    await keeperWhen(edge, ({ fills }) => fills!.slots.free + fills!.slots.unshared === fillSlots)
  })

  await t.test('a reload keeps the keeper, a new generation has a new one', async t => {
    const { pid } = await keeping(edge)
    // A worker that only starts may take longer than a swap of the sites waits for it.
    await until(async () => ((await edge.admin('/readyz')).status === 200 ? true : undefined))
    edge.child.kill('SIGHUP')
    await until(async () => ((await edge.status()).configReloads === 1 ? true : undefined))
    t.equal((await edge.status()).keeper.pid, pid)
    edge.child.kill('SIGUSR2')
    const next = await keeping(edge, pid!)
    await gone(pid!)
    t.equal(next.deaths, 1, 'the old one left')
    t.ok(next.totals.segmentsEvicted > 0, 'what it had counted stays')
  })

  await t.test('of two edges on one cache one keeps, and the other when that has stopped', async t => {
    const directory = cacheDirectoryOf(edge)
    const other = secondEdge(t, directory)
    await other.url()
    const waiting = await keeperWhen(other, ({ state }) => state === 'waiting')
    t.match(waiting, { segments: null, index: null })
    const { pid } = await keeping(edge)
    t.equal(await metricOf(other, 'keeper_keeping'), 0)
    process.kill(pid!, 'SIGKILL')
    // Whoever is faster has it, never both; so it is until an edge stops.
    const states = await until(async () => {
      const both = await Promise.all([edge.status(), other.status()])
      const states = both.map(({ keeper }) => keeper.state).sort()
      return states.join() === 'keeping,waiting' ? states : undefined
    })
    t.strictSame(states, ['keeping', 'waiting'])
    const pids = await Promise.all([workerPids(), edge.status().then(({ keeper }) => [keeper.pid!])])
    edge.child.kill('SIGTERM')
    t.equal((await edge.ended).code, 0)
    for (const pid of pids.flat()) await gone(pid)
    await keeping(other)
    const last = (await other.status()).keeper.pid!
    other.child.kill('SIGKILL')
    await gone(last)
  })
})

function secondEdge(t: Test, directory: string): Edge {
  const run = { directory: runDirectoryOf(t) }
  return startEdge(t, { workers: 1, run, cache: { directory, bytesMax: '16MiB' } }, realMain)
}

t.test('without the addon there is no keeper, which is said', async t => {
  process.env.NAIJ_NATIVE_FILE = '/nowhere/naij.node'
  t.teardown(() => {
    delete process.env.NAIJ_NATIVE_FILE
  })
  const edge = startEdge(t, { workers: 1 }, realMain)
  await edge.url()
  t.match((await edge.status()).keeper, {
    state: 'absent',
    pid: null,
    why: /native addon is not there.*nowhere/,
  })
  t.match(await edge.logged('there is no keeper'), { level: 40, why: /nowhere/ })
  t.equal(await metricOf(edge, 'keeper_keeping'), 0)
})
