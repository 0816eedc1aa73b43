import t from 'tap'
import type { Exit } from '../../supervise/link.js'
import { Slot } from '../../supervise/slot.js'
import { configUnder } from '../support/supervise-config.js'
import { fakeSpawn, type Manner, sound } from '../support/supervise-spawn.js'
import { until } from '../support/supervise-until.js'

const config = configUnder('/tmp/a')

function makeSlot(manner: Manner = sound, delayMaxMs = 20) {
  const { spawn, workers } = fakeSpawn(manner)
  const deaths: [Exit, number | undefined][] = []
  let revision = 1
  const slot = new Slot({
    spawn,
    start: () => ({
      type: 'start',
      slot: 0,
      generation: 1,
      revision: revision++,
      config,
      origins: [],
      ticketKeys: '',
    }),
    readyMs: 60_000,
    delayMaxMs,
    onReady: () => {},
    onEjected: () => {},
    onTailed: () => {},
    onExit: (_link, exit, delayMs) => deaths.push([exit, delayMs]),
  })
  const readyAgain = (count: number) =>
    until(() => (workers.length === count && slot.link?.state === 'ready' ? true : undefined))
  return { slot, workers, deaths, readyAgain }
}

t.test('Slot replaces a dead worker, at once and then after growing pauses', async t => {
  const { slot, workers, deaths, readyAgain } = makeSlot()
  await slot.open()
  for (const count of [2, 3, 4]) {
    workers.at(-1)!.die(null, 'SIGKILL')
    await readyAgain(count)
  }
  t.strictSame(
    deaths.map(([, delayMs]) => delayMs),
    [0, 20, 20],
  )
  t.equal(slot.restarts, 3)
  t.match(workers.at(-1)!.sent[0], { type: 'start', revision: 4 }, 'each is started with what counts then')
  await slot.kill()
  t.strictSame(deaths.at(-1)![1], undefined)
})

t.test('Slot.open() rejects when the first worker fails, and does not try again', async t => {
  const cases: [name: string, manner: Manner, code: string, message: RegExp][] = [
    [
      'it says why',
      worker => {
        worker.say({ type: 'failed', code: 'cannot-listen', message: 'the port is taken' })
        worker.die(1, null)
      },
      'cannot-listen',
      /worker 0 could not start: the port is taken/,
    ],
    ['it is killed', worker => worker.die(null, 'SIGSEGV'), 'worker-died', /it was ended by SIGSEGV/],
    ['it exits', worker => worker.die(7, null), 'worker-died', /it exited with code 7/],
    ['there is no process', worker => worker.die(null, null), 'worker-died', /the process could not be made/],
  ]
  for (const [name, manner, code, message] of cases) {
    const { slot, workers } = makeSlot(manner)
    await t.rejects(slot.open(), { code, message }, name)
    await slot.drain()
    t.equal(workers.length, 1, name)
  }
})

t.test('Slot.drain() lets the worker finish and gives it no successor', async t => {
  const { slot, workers } = makeSlot()
  await slot.open()
  await slot.drain()
  t.equal(workers.length, 1)
  t.match(workers[0]!.sent.at(-1), { type: 'drain' })
  t.equal(slot.link, undefined)
})

t.test('Slot.kill() during a pause leaves the slot empty', async t => {
  const { slot, workers } = makeSlot(sound, 60_000)
  await slot.open()
  workers[0]!.die(1, null)
  await until(() => (workers[1] && slot.link?.state === 'ready' ? true : undefined))
  workers[1]!.die(1, null)
  await slot.kill()
  t.equal(workers.length, 2)
})
