import t from 'tap'
import { parseWrk, wrkArguments, wrkLoad } from '../load.js'
import { Processes } from '../processes.js'
import { writeProgram, writeWrk, wrkText } from './support/programs.js'

const options = { url: 'http://127.0.0.1:1/hit/1024', connections: 64, seconds: 1.2 }

t.test('parseWrk() reads requests, rate and failures', async t => {
  t.strictSame(parseWrk(wrkText()), {
    requests: 30170,
    socketErrors: 0,
    badAnswers: 0,
    requestsPerSecond: 30169.55,
    latency: { p50: 1.5, p99: 4.25, p999: 9 },
  })
  t.match(parseWrk(wrkText(true)), { socketErrors: 10, badAnswers: 5 })
  t.throws(() => parseWrk('unable to connect'), {
    message: /printed no result:\nunable to connect/,
    exitCode: 1,
  })
})

t.test('wrkArguments() sends the twelve fields and whole seconds', async t => {
  const words = wrkArguments(options)
  t.equal(words.filter(word => word === '-H').length, 12)
  t.ok(words.includes('-d2s'))
  t.ok(words.includes('-c64'))
  t.equal(words.at(-1), options.url)
})

t.test('wrkArguments() names the script before and its arguments behind the URL', async t => {
  const words = wrkArguments({ ...options, script: { file: 'a.lua', arguments: ['b', '1'] } })
  t.strictSame(words.slice(3, 5), ['-s', 'a.lua'])
  const closing = wrkArguments({ ...options, isClosing: true })
  t.ok(closing.includes('Connection: close') && !closing.includes('Connection: keep-alive'))
  t.strictSame(words.slice(-4), [options.url, '--', 'b', '1'])
})

t.test('wrkLoad() runs wrk and gives its result', async t => {
  const load = wrkLoad(new Processes(), writeWrk(t.testdir()), undefined)
  t.match(await load(options), { requests: 30170 })
})

t.test('wrkLoad() rejects when wrk fails, with what it said', async t => {
  const wrk = writeProgram(t.testdir(), 'wrk', '/bin/sh', 'echo no such host >&2; exit 3\n')
  await t.rejects(wrkLoad(new Processes(), wrk, undefined)(options), {
    message: 'wrk ended with code 3:\nno such host',
    exitCode: 1,
  })
})
