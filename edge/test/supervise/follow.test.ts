import { openSync, readFileSync } from 'node:fs'
import t from 'tap'
import type { Question } from '../../explain/question.js'
import type { Serving } from '../../serving.js'
import type { Channel } from '../../supervise/channel.js'
import { noCounters } from '../../supervise/counters.js'
import { deferred } from '../../supervise/deferred.js'
import { follow, type StartServing } from '../../supervise/follow.js'
import { type FromWorker, type ToWorker, unasked } from '../../supervise/messages.js'
import { createLogger } from '../../usage/logger.js'
import { configUnder } from '../support/supervise-config.js'
import { until } from '../support/supervise-until.js'

// Each play has a log that is flushed when the process exits.
process.setMaxListeners(50)

const config = configUnder('/tmp/a')
const question: Question = {
  url: 'http://a.example/',
  scheme: 'http',
  method: 'GET',
  authority: 'a.example',
  target: '/',
  fields: [],
}
const start: ToWorker = {
  type: 'start',
  slot: 0,
  generation: 1,
  revision: 1,
  config,
  origins: [],
  ticketKeys: '',
}

function play(startServing: StartServing, logFile = '/dev/null') {
  const said: FromWorker[] = []
  const exits: number[] = []
  let hear: (message: ToWorker) => void = () => {}
  let leave: () => void = () => {}
  let fatal: (error: unknown) => void = () => {}
  const channel: Channel = {
    send: (message, done) => {
      said.push(message)
      if (done) setImmediate(done)
    },
    onMessage: handler => {
      hear = handler
    },
    onLeave: handler => {
      leave = handler
    },
    onFatal: handler => {
      fatal = handler
    },
    exit: code => void exits.push(code),
  }
  const makeLog = () =>
    createLogger({ level: 'info', bufferBytesMax: 1e5, destination: openSync(logFile, 'a') })
  follow({ channel, startServing, makeLog })
  const heard = (type: FromWorker['type']) => until(() => said.find(message => message.type === type))
  /** What it said when asked: it reports unasked too, whenever a second has passed. */
  const answers = () => said.filter(message => message.type !== 'report' || message.id !== unasked)
  return { said, answers, exits, heard, tell: hear, leave, fatal }
}

interface FakeServing extends Serving {
  used: string[]
  drained: boolean
}

function fakeServing(drain: () => Promise<void> = async () => {}): FakeServing {
  const serving: FakeServing = {
    ports: [80],
    used: [],
    drained: false,
    originCounts: () => [],
    savedCounts: () => [],
    setOrigins: () => {},
    setTails: () => {},
    prepareSites: sites => {
      if (sites.length === 0) throw new Error('no sites')
      return () => void serving.used.push(sites[0]!.name)
    },
    counters: () => ({ ...noCounters(), requests: 4 }),
    explain: ({ url }) => ({ ok: false, fault: { code: 'asked', message: url, expected: '' } }),
    drain: async () => {
      await drain()
      serving.drained = true
    },
  }
  return serving
}

t.test('follow() starts serving and says that it is ready', async t => {
  const { tell, heard } = play(async given => {
    t.equal(given, config)
    return fakeServing()
  })
  tell(start)
  t.strictSame(await heard('ready'), { type: 'ready', ports: [80] })
  t.match(await heard('report'), { id: 0, report: { counters: { requests: 4 } } }, 'reports unasked')
})

t.test('follow() says why it cannot start, and exits 1', async t => {
  const { tell, heard, exits } = play(() => Promise.reject(new Error('no store')))
  tell(start)
  tell({ type: 'prepare', id: 1, revision: 2, sites: config.sites })
  t.strictSame(await heard('failed'), { type: 'failed', code: 'start-failed', message: 'no store' })
  await until(() => exits[0])
  t.strictSame(exits, [1])
})

t.test('follow() swaps sites in two steps, and only what was committed is used', async t => {
  const serving = fakeServing()
  const gate = deferred()
  const { tell, heard, answers } = play(async () => {
    await gate.promise
    return serving
  })
  tell(start)
  tell({ type: 'prepare', id: 1, revision: 2, sites: config.sites })
  gate.resolve()
  await heard('prepared')
  t.strictSame(
    answers().map(message => message.type),
    ['ready', 'prepared'],
    'asked while it starts, it answers when it has',
  )
  tell({ type: 'discard' })
  tell({ type: 'prepare', id: 2, revision: 3, sites: [] })
  t.strictSame(await heard('refused'), { type: 'refused', id: 2, reason: 'no sites' })
  t.strictSame(serving.used, [])
  tell({ type: 'prepare', id: 3, revision: 4, sites: config.sites })
  tell({ type: 'commit', id: 4, revision: 4 })
  t.strictSame(await heard('committed'), { type: 'committed', id: 4 })
  t.strictSame(serving.used, ['first'])
})

t.test('follow() reports when asked, with the drops of its own log', async t => {
  const { tell, heard, answers } = play(async () => fakeServing())
  tell({ type: 'report', id: 7 })
  tell(start)
  await heard('ready')
  tell({ type: 'report', id: 8 })
  const report = answers().find(message => message.type === 'report')
  t.match(report, { id: 8, report: { counters: { requests: 4, logDropped: 0 }, residentBytes: Number } })
})

t.test('follow() explains when asked, once it serves', async t => {
  const { tell, heard, said } = play(async () => fakeServing())
  tell(start)
  tell({ type: 'explain', id: 3, question })
  const explained = await heard('explained')
  t.match(explained, { id: 3, explained: { fault: { code: 'asked', message: question.url } } })
  t.equal(said[0]!.type, 'ready')
})

t.test('follow() says that it could not explain, and goes on', async t => {
  const serving = fakeServing()
  serving.explain = () => {
    throw new Error('no words')
  }
  const { tell, heard, exits } = play(async () => serving)
  tell(start)
  tell({ type: 'explain', id: 3, question })
  t.strictSame(await heard('refused'), { type: 'refused', id: 3, reason: 'no words' })
  t.strictSame(exits, [])
})

t.test('follow() leaves a question unanswered when it could not start', async t => {
  const { tell, said, exits } = play(() => Promise.reject(new Error('no store')))
  tell(start)
  tell({ type: 'explain', id: 3, question })
  await until(() => exits[0])
  t.strictSame(
    said.map(message => message.type),
    ['failed'],
  )
})

t.test('follow() drains, reports a last time and exits 0', async t => {
  const serving = fakeServing()
  const { tell, heard, said, exits, leave } = play(async () => serving)
  tell(start)
  await heard('ready')
  tell({ type: 'drain' })
  leave()
  await until(() => exits[0])
  t.strictSame(exits, [0])
  t.ok(serving.drained)
  t.equal(said.at(-1)!.type, 'report')
})

t.test('follow() exits at once when it is left before it serves', async t => {
  const { tell, leave, exits, said } = play(() => new Promise(() => {}))
  tell(start)
  leave()
  t.strictSame(exits, [0])
  t.strictSame(said, [])
})

t.test('follow() logs what nobody caught as fatal and exits 1', async t => {
  const logFile = `${t.testdir()}/log`
  const { tell, heard, fatal, exits } = play(async () => fakeServing(), logFile)
  tell(start)
  await heard('ready')
  fatal(new Error('impossible'))
  t.strictSame(exits, [1])
  const line = await until(() => readFileSync(logFile, 'utf8') || undefined)
  t.match(JSON.parse(line), { level: 60, err: { message: 'impossible' }, msg: 'worker crashed' })
})
