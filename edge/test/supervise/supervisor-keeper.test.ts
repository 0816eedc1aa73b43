import { mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import t, { type Test } from 'tap'
import { type FakeKeeper, fakeKeepers } from '../support/supervise-keepers.js'
import { type Manner, sound } from '../support/supervise-spawn.js'
import { play } from '../support/supervise-stage.js'
import { until } from '../support/supervise-until.js'

// Each play has a log that is flushed when the process exits.
process.setMaxListeners(50)

/** A supervisor with fake workers and keepers that leave when they are told to. */
function keptPlay(t: Test, manner: Manner = sound) {
  const { spawn, keepers } = fakeKeepers()
  const source = {
    spawn: (events: Parameters<typeof spawn>[0]) => {
      const { send, ...process } = spawn(events)
      const keeper = keepers.at(-1)!
      return {
        ...process,
        send: (message: Parameters<typeof send>[0]) => {
          send(message)
          if (message.type === 'leave') setImmediate(() => keeper.die(0, null))
        },
      }
    },
  }
  // Fakes do not open an index: there must be one to set aside.
  const furnish = (cache: string) => {
    mkdirSync(cache, { recursive: true })
    const root = open({ path: `${cache}/index`, noSubdir: false })
    root.putSync('key', 'value')
    root.close()
  }
  return { ...play(t, manner, { respawnDelayMaxMs: 10 }, furnish, source), keepers }
}

const told = ({ sent }: FakeKeeper) => sent.map(({ type }) => type)

t.test('Supervisor has one keeper when it is ready, through a reload, and until it stops', async t => {
  const { supervisor, isReady, keepers, rewrite, waitFor, status, ran } = keptPlay(t)
  await isReady()
  t.match(keepers, [{ sent: [{ type: 'keep', workers: 3 }] }])
  keepers[0]!.report('keeping', 3)
  t.match((await status()).keeper, { state: 'keeping', totals: { segmentsEvicted: 3 } })
  rewrite({ sites: [{ name: 'second', hosts: ['*'], origins: ['http://127.0.0.1:9'] }] })
  supervisor.reload()
  await waitFor(({ configReloads }) => configReloads === 1)
  supervisor.stop()
  await ran
  t.equal(keepers.length, 1)
  t.strictSame(told(keepers[0]!), ['keep', 'leave'])
})

t.test('Supervisor.renew() gives the new configuration to a new keeper', async t => {
  const { supervisor, isReady, keepers, rewrite, ran } = keptPlay(t)
  await isReady()
  rewrite({ workers: 3 })
  supervisor.renew()
  const second = await until(() => keepers[1])
  t.strictSame(told(keepers[0]!), ['keep', 'leave'])
  t.match(second.sent, [{ type: 'keep', workers: 4 }])
  supervisor.stop()
  await ran
  t.equal(keepers.length, 2)
})

t.test('Supervisor goes on when keepers die', async t => {
  const { supervisor, isReady, keepers, workers, waitFor, ran } = keptPlay(t)
  await isReady()
  for (let death = 1; death <= 4; death += 1) {
    const keeper = await until(() => keepers[death - 1])
    keeper.die(null, 'SIGBUS')
  }
  await waitFor(({ keeper, workerDeaths }) => keeper.deaths === 4 && workerDeaths === 0)
  t.equal(workers.length, 2)
  supervisor.stop()
  await ran
})

/** A worker, the one in its place and the next die of what seems to be the cache: then all start over. */
async function crash(
  { workers, waitFor }: ReturnType<typeof keptPlay>,
  beforeLast = () => {},
): Promise<void> {
  for (const at of [0, 2, 3]) {
    await until(() => workers[at]?.sent.length)
    await waitFor(now => now.workers.every(({ state }) => state === 'ready'))
    if (at === 3) beforeLast()
    workers[at]!.die(null, 'SIGBUS')
  }
}

t.test('Supervisor starts over without the keeper, which has the index open too', async t => {
  const playing = keptPlay(t)
  const { supervisor, isReady, keepers, logged, ran } = playing
  await isReady()
  await crash(playing)
  const second = await until(() => keepers[1])
  await logged(/seems damaged \(workers died of it\)/)
  t.strictSame(keepers[0]!.signals, ['SIGKILL'])
  t.strictSame(told(second), ['keep'])
  supervisor.stop()
  await ran
  t.equal(keepers.length, 2)
})

t.test('Supervisor leaves no keeper when it cannot start over', async t => {
  let isBroken = false
  const playing = keptPlay(t, (worker, message) => {
    if (!isBroken) return sound(worker, message)
    worker.say({ type: 'failed', code: 'store-failed', message: 'no store' })
    worker.die(1, null)
  })
  await playing.isReady()
  const rejected = t.rejects(playing.ran, { code: 'store-failed' })
  await crash(playing, () => {
    isBroken = true
  })
  await rejected
  t.strictSame(
    playing.keepers.map(({ signals }) => signals),
    [['SIGKILL']],
  )
})

t.test('Supervisor starts no keeper before its workers', async t => {
  const { keepers, ran } = keptPlay(t, worker => worker.die(1, null))
  await t.rejects(ran, { code: 'worker-died' })
  t.equal(keepers.length, 0)
})
