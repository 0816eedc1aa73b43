import t from 'tap'
import { type Exit, Link } from '../../supervise/link.js'
import type { StartMessage } from '../../supervise/messages.js'
import { configUnder } from '../support/supervise-config.js'
import { fakeSpawn, type Manner, sound } from '../support/supervise-spawn.js'

const config = configUnder('/tmp/a')
const start: StartMessage = {
  type: 'start',
  slot: 1,
  generation: 2,
  revision: 3,
  config,
  origins: [],
  ticketKeys: '',
}

function open(manner: Manner = sound, readyMs = 60_000) {
  const { spawn, workers } = fakeSpawn(manner)
  let onReady: () => void = () => {}
  let onExit: (exit: Exit) => void = () => {}
  const isReady = new Promise<void>(resolve => {
    onReady = resolve
  })
  const isGone = new Promise<Exit>(resolve => {
    onExit = resolve
  })
  const ejected: unknown[] = []
  const link = new Link(spawn, {
    start,
    readyMs,
    onReady: () => onReady(),
    onEjected: (...what) => ejected.push(what),
    onTailed: () => {},
    onExit: exit => onExit(exit),
  })
  return { link, worker: workers[0]!, isReady, isGone, ejected }
}

const silent: Manner = (worker, message) => {
  if (message.type === 'start') sound(worker, message)
}

t.test('Link starts the worker with its message and tells when it is ready', async t => {
  const { link, worker, isReady } = open()
  t.equal(link.state, 'starting')
  await isReady
  t.equal(link.state, 'ready')
  t.strictSame(worker.sent, [start])
  t.equal(link.pid, worker.pid)
  t.match(link, { slot: 1, generation: 2, revision: 3 })
  link.kill()
})

t.test('Link kills a worker that is not ready in time, and says that this was it', async t => {
  const { worker, isGone } = open(() => {}, 20)
  t.match(await isGone, { signal: 'SIGKILL', failure: { code: 'ready-timeout' } })
  t.strictSame(worker.signals, ['SIGKILL'])
})

t.test('Link keeps what a worker said of its failure', async t => {
  const { isGone } = open(worker => {
    worker.say({ type: 'failed', code: 'store-failed', message: 'no store' })
    worker.die(1, null)
  })
  t.match(await isGone, { code: 1, signal: null, failure: { code: 'store-failed', message: 'no store' } })
})

t.test('Link.prepare() and commit() carry the answers, and the revision follows the commit', async t => {
  const { link, isReady } = open()
  await isReady
  await link.prepare(4, config.sites, 60_000)
  t.equal(link.revision, 3)
  await link.commit(4, 60_000)
  t.equal(link.revision, 4)
  link.kill()
})

t.test('Link.prepare() rejects with the reason of a refusal', async t => {
  const { link, isReady } = open((worker, message) => {
    if (message.type === 'prepare') worker.say({ type: 'refused', id: message.id, reason: 'cannot' })
    else sound(worker, message)
  })
  await isReady
  await t.rejects(link.prepare(4, config.sites, 60_000), { message: 'cannot' })
  link.discard()
  link.kill()
})

t.test(
  'Link.prepare() rejects when there is no answer in time, when the worker dies, and afterwards',
  async t => {
    const { link, worker, isReady } = open(silent)
    await isReady
    await t.rejects(link.prepare(4, config.sites, 10), { message: 'no answer within 10 ms' })
    const asked = link.prepare(4, config.sites, 60_000)
    worker.die(null, 'SIGSEGV')
    await t.rejects(asked, { message: 'the worker died' })
    await t.rejects(link.prepare(4, config.sites, 60_000), { message: 'the worker is gone' })
  },
)

t.test('Link.askReport() asks once for all who wait, and falls back on the last report', async t => {
  const { link, worker, isReady } = open()
  t.equal(await link.askReport(60_000), undefined, 'not while it starts')
  await isReady
  const [a, b] = await Promise.all([link.askReport(60_000), link.askReport(60_000)])
  t.equal(a, b)
  t.match(a, { residentBytes: 1_000 })
  t.equal(worker.sent.filter(message => message.type === 'report').length, 1)
  worker.die(1, null)
  t.equal(await link.askReport(60_000), a)
  const mute = open(silent)
  await mute.isReady
  t.equal(await mute.link.askReport(10), undefined)
  mute.link.kill()
})

t.test('Link.drain() asks a ready worker once and kills one that has not begun', async t => {
  const serving = open(silent)
  await serving.isReady
  serving.link.drain()
  serving.link.drain()
  t.equal(serving.link.state, 'draining')
  t.equal(serving.worker.sent.filter(message => message.type === 'drain').length, 1)
  serving.link.kill()
  const starting = open(() => {})
  starting.link.drain()
  t.match(await starting.isGone, { signal: 'SIGKILL' })
})
