// What is read past the streams of sockets: over real connections, whose streams do not read.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { engineAddonFile, loadEngineAddon } from '../engine-addon.js'
import { type Gathered, gather } from '../gather.js'
import { untilTrue } from './support/addon.js'

const skip = loadEngineAddon() === undefined ? 'no addon for the engine' : false

/** A connection, and what was heard of it. */
class Heard {
  readonly gathered: Gathered
  readonly events: (string | number)[] = []
  /** Does something in the middle of the next call. */
  onEvent: (() => void) | undefined

  constructor(
    readonly near: Socket,
    readonly far: Socket,
  ) {
    this.gathered = gather(descriptorOf(near), {
      onBytes: bytes => this.#hear(bytes.toString('latin1')),
      onBytesEnd: error => this.#hear(error),
    })!
  }

  #hear(event: string | number): void {
    this.events.push(event)
    const onEvent = this.onEvent
    this.onEvent = undefined
    onEvent?.()
  }

  get text(): string {
    return this.events.filter(event => typeof event === 'string').join('')
  }

  destroy(): void {
    this.gathered.leave()
    this.near.destroy()
  }
}

function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { _handle?: { fd: number } }
  return handle!.fd
}

async function connected(t: Test, count: number): Promise<Heard[]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const all: Heard[] = []
  t.teardown(() => {
    for (const one of all) one.destroy()
    for (const { far } of all) far.destroy()
    server.close()
  })
  while (all.length < count) {
    const accepted = once(server, 'connection')
    const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
    near.on('error', () => {}).pause()
    const [[far]] = (await Promise.all([accepted, once(near, 'connect')])) as [[Socket], unknown]
    far.on('error', () => {}).setNoDelay(true)
    all.push(new Heard(near, far))
  }
  return all
}

/** Waits without giving the loop a turn, until what was written has arrived. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
}

t.test('gather() hands on what has come for many', { skip }, async t => {
  const all = await connected(t, 300)
  for (const round of ['a', 'b']) {
    for (const [at, { far }] of all.entries()) far.write(`${round}${at}`)
    t.ok(await untilTrue(() => all.every(({ events }) => events.at(-1)?.toString().startsWith(round))))
  }
  t.strictSame(
    all.map(({ events }) => events),
    all.map((_, at) => [`a${at}`, `b${at}`]),
  )
})

t.test('gather() is heard of before what was put off to the end of the turn', { skip }, async t => {
  const [one, other] = (await connected(t, 2)) as [Heard, Heard]
  const order: string[] = []
  one.onEvent = () => {
    order.push('one')
    setImmediate(() => order.push('later'))
    void Promise.resolve().then(() => order.push('microtask'))
    process.nextTick(() => order.push('tick'))
  }
  other.onEvent = () => order.push('other')
  one.far.write('x')
  other.far.write('y')
  await new Promise(setImmediate)
  block()
  t.ok(await untilTrue(() => order.includes('later') && order.includes('other')))
  t.ok(order.indexOf('other') < order.indexOf('later'), order.join())
  t.ok(order.indexOf('tick') < order.indexOf('microtask') && order.indexOf('tick') > 0, order.join())
})

t.test('gather() loses nothing of what is longer than its memory', { skip }, async t => {
  const all = await connected(t, 3)
  const bytes = Buffer.from(Array.from({ length: 1_000_003 }, (_, at) => at % 251))
  for (const { far } of all) far.end(bytes)
  t.ok(await untilTrue(() => all.every(({ events }) => events.at(-1) === 0), 100_000))
  for (const { text } of all) t.ok(Buffer.from(text, 'latin1').equals(bytes))
})

t.test(
  'gather() tells the end of a connection, and what broke it behind what came before',
  { skip },
  async t => {
    const [ended, broken] = (await connected(t, 2)) as [Heard, Heard]
    ended.far.end('bye')
    t.ok(await untilTrue(() => ended.events.length === 2))
    t.strictSame(ended.events, ['bye', 0])
    broken.far.write('half')
    await new Promise(setImmediate)
    broken.far.resetAndDestroy()
    block()
    t.ok(await untilTrue(() => typeof broken.events.at(-1) === 'number'))
    t.strictSame(broken.events, ['half', -104], 'ECONNRESET')
    t.notOk(await untilTrue(() => ended.events.length + broken.events.length > 4, 20), 'and nothing more')
  },
)

t.test('one that is stopped hears nothing until it goes on', { skip }, async t => {
  const [one] = (await connected(t, 1)) as [Heard]
  one.gathered.stop()
  one.gathered.stop()
  one.far.end('abc')
  t.notOk(await untilTrue(() => one.events.length > 0, 20))
  one.gathered.goOn()
  one.gathered.goOn()
  t.ok(await untilTrue(() => one.events.length === 2))
  t.strictSame(one.events, ['abc', 0])
})

t.test(
  'one that is left within a call for another hears nothing, nor does who comes next',
  { skip },
  async t => {
    const all = await connected(t, 3)
    const [first, second, third] = all as [Heard, Heard, Heard]
    const [server] = await connected(t, 1)
    let next: Heard | undefined
    const leaveOthers = (own: Heard) => () => {
      for (const other of all) if (other !== own) other.destroy()
      next = new Heard(server!.near, server!.far)
    }
    server!.gathered.leave()
    for (const one of all) {
      one.onEvent = leaveOthers(one)
      one.far.write('x')
    }
    await new Promise(setImmediate)
    block()
    t.ok(await untilTrue(() => next !== undefined))
    await untilTrue(() => false, 20)
    t.equal([first, second, third].filter(({ events }) => events.length > 0).length, 1)
    t.strictSame(next!.events, [])
    next!.far.write('own')
    t.ok(await untilTrue(() => next!.events.length > 0))
    t.strictSame(next!.events, ['own'])
    next!.destroy()
  },
)

t.test(
  'the other side hears of the end when it was left and destroyed, and left twice is once',
  { skip },
  async t => {
    const [one, other] = (await connected(t, 2)) as [Heard, Heard]
    const ended = once(one.far.resume(), 'end')
    one.destroy()
    await ended
    const after = new Heard(other.near, other.far)
    other.gathered.leave()
    one.gathered.leave()
    one.gathered.stop()
    one.far.destroy()
    other.far.write('x')
    t.ok(await untilTrue(() => after.events.length > 0))
    after.gathered.leave()
  },
)

t.test('gather() is undefined for what is no descriptor', { skip }, async t => {
  const user = { onBytes: () => {}, onBytesEnd: () => {} }
  t.equal(gather(-1, user), undefined)
  t.equal(gather(1_000_000, user), undefined)
})

t.test('no wrong argument makes it touch what it must not', { skip }, async t => {
  const addon = loadEngineAddon()!
  const [one] = (await connected(t, 1)) as [Heard]
  type Anything = (...args: unknown[]) => unknown
  const { gatherFrom, gatherInto, ...rest } = addon as unknown as Record<string, Anything>
  const values = [undefined, null, 1.5, 'text', {}, [], Number.NaN, 2 ** 40, 2n, -1, 100_000, -(2 ** 31)]
  for (const value of values) {
    t.ok((gatherFrom!(value) as number) < 0)
    for (const name of ['stopGathering', 'goOnGathering', 'leaveGathered']) rest[name]!(value)
    rest.limitGathered!(value, 1)
    rest.limitGathered!(0, value)
    t.equal(rest.passOn!(value, {}, 1), 0)
    for (const response of values) t.equal(rest.passOn!(0, response, value), 0)
  }
  const good: unknown[] = [
    new ArrayBuffer(65_536),
    new ArrayBuffer(20),
    new ArrayBuffer(65_536),
    () => t.fail('another'),
  ]
  const wrong = [new ArrayBuffer(65_535), new ArrayBuffer(19), new ArrayBuffer(65_535), 1]
  for (const at of good.keys()) {
    for (const value of [...values, wrong[at]])
      t.throws(() => gatherInto!(...good.with(at, value)), TypeError)
  }
  t.equal(gatherInto!(...good), false)
  one.far.write('x')
  t.ok(await untilTrue(() => one.events.length > 0))
})

/** Reads a connection to itself, with a buffer for one record, and ends in the middle of it. */
const thread = `
  const { createServer, connect } = require('node:net')
  const { parentPort, workerData } = require('node:worker_threads')
  const addon = require(workerData)
  const words = new Int32Array(5)
  const [bytes, rest] = [new ArrayBuffer(65536), new ArrayBuffer(65536)]
  addon.gatherInto(bytes, words.buffer, rest, records => parentPort.postMessage([records, words[2]]))
  const server = createServer(far => far.write('abc')).listen(0, '127.0.0.1', () => {
    const near = connect(server.address().port, '127.0.0.1')
    near.pause().on('connect', () => addon.gatherFrom(near._handle.fd))
  })
`

t.test('a thread ends while something is read in it', { skip }, async t => {
  const worker = new Worker(thread, { eval: true, workerData: engineAddonFile })
  t.strictSame(await once(worker, 'message'), [[1, 3]])
  await worker.terminate()
})
