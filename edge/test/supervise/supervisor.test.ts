import { existsSync } from 'node:fs'
import t from 'tap'
import type { Settings } from '../support/supervise-config.js'
import { ask } from '../support/supervise-play.js'
import { type Manner, sound } from '../support/supervise-spawn.js'
import { play } from '../support/supervise-stage.js'
import { until } from '../support/supervise-until.js'

// Each play has a log that is flushed when the process exits.
process.setMaxListeners(50)

const other = { sites: [{ name: 'second', hosts: ['*'], origins: ['http://127.0.0.1:9'] }] }

t.test('Supervisor.run() says ready when every worker is, serves until stop(), and resolves', async t => {
  const { supervisor, isReady, ran, workers, config, status, lines } = play(t)
  t.match(await isReady(), /^naij-edge ready http:\/\/127\.0\.0\.1:\d+ workers=2 pid=\d+$/)
  const now = await status()
  t.match(now, { state: 'running', generation: 1, configRevision: 1, counters: { requests: 20 } })
  t.match(now.cache, { entries: 5 }, 'one cache, however many workers report it')
  t.match(now.workers, [
    { slot: 0, pid: 1_000, state: 'ready' },
    { slot: 1, pid: 1_001, state: 'ready' },
  ])
  const port = now.listeners[0]!.port
  t.ok(port > 0)
  t.ok(workers.every(({ sent }) => sent[0]!.type === 'start' && sent[0]!.config.listen[0]!.port === port))
  supervisor.stop()
  await ran
  t.notOk(existsSync(config.admin.socket))
  t.equal(lines.length, 1)
})

t.test('Supervisor.run() rejects when a worker cannot start, and leaves none behind', async t => {
  const { ran, workers } = play(t, (worker, message) => {
    if (worker.pid === 1_000) return sound(worker, message)
    worker.say({ type: 'failed', code: 'store-failed', message: 'no store' })
    worker.die(1, null)
  })
  await t.rejects(ran, { code: 'store-failed', message: 'worker 1 could not start: no store' })
  t.ok(workers.every(worker => worker.gone))
})

t.test('Supervisor.stop() while it starts kills the workers and resolves', async t => {
  const { supervisor, ran, workers, lines } = play(t, () => {})
  await until(() => workers[1])
  supervisor.reload()
  supervisor.stop()
  await ran
  t.ok(workers.every(worker => worker.signals.includes('SIGKILL')))
  t.strictSame(lines, [])
})

t.test(
  'Supervisor.stop() kills what has not left after drainTimeoutMs, and at once when called again',
  async t => {
    const stuck: Manner = (worker, message) => {
      if (message.type !== 'drain') sound(worker, message)
    }
    const timed = play(t, stuck, { drainTimeoutMs: 20 })
    await timed.isReady()
    timed.supervisor.stop()
    await timed.ran
    t.ok(timed.workers.every(worker => worker.signals.includes('SIGKILL')))
    const hurried = play(t, stuck)
    await hurried.isReady()
    hurried.supervisor.stop()
    const { body, status } = await ask(hurried.config.admin.socket, '/readyz')
    t.equal(status, 503)
    t.match(body, /the edge is stopping/)
    hurried.supervisor.stop()
    await hurried.ran
    t.ok(hurried.workers.every(worker => worker.signals.includes('SIGKILL')))
  },
)

t.test('Supervisor keeps the totals of dead workers and counts the deaths', async t => {
  const { supervisor, isReady, status, workers, waitFor, ran } = play(t)
  await isReady()
  await status()
  workers[0]!.die(null, 'SIGKILL')
  const now = await waitFor(({ workers, counters }) => {
    return workers.every(worker => worker.state === 'ready') && counters.requests === 30
  })
  t.match(now, { workerDeaths: 1 })
  t.match(now.workers[0], { pid: 1_002, restarts: 1 })
  supervisor.stop()
  await ran
})

t.test('Supervisor.reload() swaps the sites in all workers, those to come included', async t => {
  const { supervisor, isReady, rewrite, workers, waitFor, logged, ran } = play(t)
  await isReady()
  rewrite(other)
  supervisor.reload()
  const now = await waitFor(({ configReloads }) => configReloads === 1)
  t.match(now, { configRevision: 2, generation: 1, workers: [{ configRevision: 2 }, { configRevision: 2 }] })
  workers[1]!.die(null, 'SIGKILL')
  await until(() => workers[2])
  t.match(workers[2]!.sent[0], { type: 'start', revision: 2, config: { sites: [{ name: 'second' }] } })
  await logged(/new configuration in use/)
  supervisor.stop()
  await ran
})

t.test(
  'Supervisor.reload() keeps the old sites when the file is bad, needs new workers, or one refuses',
  async t => {
    const { supervisor, isReady, rewrite, workers, waitFor, logged, ran } = play(t, (worker, message) => {
      if (message.type === 'prepare' && worker.pid === 1_001) {
        worker.say({ type: 'refused', id: message.id, reason: 'cannot build' })
      } else {
        sound(worker, message)
      }
    })
    await isReady()
    const cases: [changed: Settings, words: RegExp][] = [
      [{ loopMax: -1, wrokers: 1 }, /wrokers.*\n.*the configuration is bad/],
      [{ workers: 1 }, /workers: changed outside the sites, SIGUSR2 or a restart applies that/],
      [other, /the old configuration stays in use: worker 1: cannot build/],
    ]
    for (const [index, [changed, words]] of cases.entries()) {
      rewrite(changed)
      supervisor.reload()
      await logged(words)
      const now = await waitFor(({ configReloadFailures }) => configReloadFailures === index + 1)
      t.match(now, { configRevision: 1, configReloads: 0 })
    }
    t.ok(workers.every(({ sent }) => sent.some(({ type }) => type === 'discard')))
    t.notOk(workers.some(({ sent }) => sent.some(({ type }) => type === 'commit')))
    supervisor.stop()
    await ran
  },
)

t.test(
  'Supervisor.renew() has a new generation take over on the same ports, then the old one drains',
  async t => {
    const { supervisor, isReady, rewrite, workers, waitFor, status, config, ran } = play(t)
    await isReady()
    const before = await status()
    const socket = `${config.admin.socket}2`
    rewrite({ ...other, workers: 3, log: { level: 'warn' } })
    supervisor.renew()
    const now = await waitFor(({ generation, workers }) => generation === 2 && workers.length === 3)
    t.match(now, { configRevision: 2, configReloads: 1, listeners: before.listeners, workerDeaths: 0 })
    t.strictSame(
      workers.map(({ sent }) => sent.at(-1)!.type === 'drain'),
      [true, true, false, false, false],
    )
    rewrite({ admin: { socket } })
    supervisor.renew()
    await until(() => (existsSync(socket) && !existsSync(config.admin.socket) ? true : undefined))
    await until(async () => ((await ask(socket, '/readyz')).status === 200 ? true : undefined))
    supervisor.stop()
    await ran
    t.notOk(existsSync(socket))
  },
)

t.test('Supervisor.renew() leaves the old generation in place when the new one does not start', async t => {
  let broken = false
  const { supervisor, isReady, rewrite, workers, waitFor, logged, ran } = play(t, (worker, message) => {
    if (broken && message.type === 'start') worker.die(null, 'SIGSEGV')
    else sound(worker, message)
  })
  await isReady()
  broken = true
  supervisor.renew()
  const now = await waitFor(({ configReloadFailures }) => configReloadFailures === 1)
  t.match(now, { generation: 1, configRevision: 1, workers: [{ state: 'ready' }, { state: 'ready' }] })
  await logged(/the new generation did not start, worker \d could not start: it was ended by SIGSEGV/)
  rewrite({ loopMax: -1 })
  supervisor.renew()
  await waitFor(({ configReloadFailures }) => configReloadFailures === 2)
  t.notOk(workers.slice(0, 2).some(worker => worker.gone))
  supervisor.stop()
  await ran
})

t.test('Supervisor.stop() while a new generation starts ends both', async t => {
  let slow = false
  const { supervisor, isReady, workers, ran } = play(t, (worker, message) => {
    if (!slow || message.type !== 'start') sound(worker, message)
  })
  await isReady()
  slow = true
  supervisor.renew()
  await until(() => workers[3])
  supervisor.stop()
  await ran
  t.ok(workers.every(worker => worker.gone))
})
