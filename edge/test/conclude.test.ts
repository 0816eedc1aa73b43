import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { makeRecord } from '../cache/admit.js'
import { weigh } from '../cache/answer.js'
import { decodeEntry, type ResponseEntry } from '../cache/entry.js'
import { cacheRules } from '../cache/rules.js'
import { conclude, fail, finish, refuse } from '../conclude.js'
import { deliver } from '../deliver.js'
import { EdgeError } from '../error.js'
import { type Exchange, Mark } from '../exchange.js'
import { refusals } from '../respond/refuse.js'
import { uploadOf } from './support/answers.js'
import { siteConfig } from './support/exchange.js'
import { bornAtMs, sceneOf } from './support/scene.js'

function entryOf(status = 200, fields: string[] = []): ResponseEntry {
  const received = ['Cache-Control', 'max-age=60', 'ETag', '"e"', 'Content-Type', 't', ...fields]
  const request = { scheme: 'http', method: 'GET', target: '/', fields: [], sentMs: bornAtMs } as const
  const answer = weigh(status, received, request, bornAtMs, cacheRules(siteConfig().cache))
  return decodeEntry(makeRecord(answer, Buffer.from('body'), 'naij')) as ResponseEntry
}

t.test('deliver() sends what is stored with Age and ttl counted on (RFC 9111 4, 5.1)', async t => {
  const { edge, x, responder, lines } = sceneOf(t)
  deliver(edge, x, entryOf(), undefined)
  t.strictSame(responder.lines(), [
    '200',
    'Cache-Control: max-age=60',
    'ETag: "e"',
    'Via: 1.1 naij',
    'Content-Type: t',
    'Age: 5',
    'Cache-Status: naij; hit; ttl=54',
  ])
  t.equal(String(responder.body), 'body')
  t.match(edge.counters, { requests: 1, active: 0, results: { hit: 1 }, bytesOut: 4 })
  t.match(lines, [{ msg: 'access', status: 200, result: 'hit', completed: true }])
})

t.test('deliver() after a validation says what it was told, and is no hit', async t => {
  const { edge, x, responder } = sceneOf(t, { result: 'revalidated' })
  deliver(edge, x, entryOf(), 'naij; fwd=stale')
  t.equal(responder.lines().at(-1), 'Cache-Status: naij; fwd=stale')
  t.match(edge.counters.results, { hit: 0, revalidated: 1 })
})

t.test('deliver() never gives a negative Age: the clock was set back (RFC 9111 5.1)', async t => {
  const { edge, x, responder } = sceneOf(t, { nowMs: bornAtMs - 9_000 })
  deliver(edge, x, entryOf(), undefined)
  t.ok(responder.lines().includes('Age: 0'))
})

const since = ['if-modified-since', 'Thu, 01 Jan 1970 00:00:00 GMT']
const forms: [row: string, given: Partial<Exchange>, status: number, note: string][] = [
  ['RFC 9110 9.3.2 HEAD', { method: 'HEAD' }, 200, 'sendHead 200 4'],
  ['RFC 9110 13.1.2 If-None-Match', { fields: ['if-none-match', '"e"'] }, 200, 'sendHead 304 -'],
  ['RFC 9110 13.1.2 another tag', { fields: ['if-none-match', '"f"'] }, 200, 'send 200 4'],
  ['RFC 9110 13.1.3 nothing to compare', { fields: since, marks: Mark.conditional }, 200, 'send 200 4'],
  ['RFC 9110 13.1.1 If-Match', { fields: ['if-match', '"e"'], marks: Mark.precondition }, 200, 'send 200 4'],
  ['RFC 9110 13.2.1 conditions are for a 200', { fields: ['if-none-match', '"e"'] }, 404, 'send 404 4'],
  ['RFC 9110 15.3.5 204 has no body', {}, 204, 'sendHead 204 -'],
]
for (const [row, given, status, note] of forms) {
  t.test(`deliver() ${row}`, async t => {
    const { edge, x, responder } = sceneOf(t, given)
    deliver(edge, x, entryOf(status), undefined)
    t.strictSame(responder.notes, [note])
    t.equal(x.status, Number(note.split(' ')[1]))
    t.equal(edge.counters.active, 0)
  })
}

t.test('deliver() gives a 304 what RFC 9110 15.4.5 names and no more', async t => {
  const { edge, x, responder } = sceneOf(t, { fields: ['if-none-match', 'W/"e"'] })
  deliver(edge, x, entryOf(), undefined)
  t.strictSame(responder.lines(), [
    '304',
    'Cache-Control: max-age=60',
    'ETag: "e"',
    'Via: 1.1 naij',
    'Age: 5',
    'Cache-Status: naij; hit; ttl=54',
  ])
})

t.test('deliver() answers a failed precondition with 412 (RFC 9110 13.1.1)', async t => {
  const { edge, x, responder } = sceneOf(t, { fields: ['if-match', '"f"'], marks: Mark.precondition })
  deliver(edge, x, entryOf(), undefined)
  await turn()
  t.match(responder.notes, [/^send 412 /])
  t.match(edge.counters, { active: 0, statusClasses: [0, 0, 0, 0, 1, 0] })
})

t.test('refuse() answers in a later turn: this engine would forget to close', async t => {
  const { edge, x, responder, lines } = sceneOf(t)
  refuse(edge, x, refusals.framing)
  t.strictSame(responder.notes, [])
  t.ok(responder.closeAfter)
  await turn()
  t.match(responder.notes, [/^send 400 /])
  t.match(String(responder.body), /^400 framing: /)
  t.match(responder.lines(), ['400', 'Content-Type: text/plain; charset=utf-8', 'Cache-Control: no-store'])
  t.match(responder.lines().at(-1), /^Cache-Status: naij; .*detail=framing$/)
  t.match(lines, [{ status: 400, result: 'refused', detail: 'framing' }])
})

t.test('refuse() leaves a connection open that is sound, and answers HEAD without a body', async t => {
  const { edge, x, responder } = sceneOf(t, { method: 'HEAD' })
  refuse(edge, x, refusals.unknownHost)
  await turn()
  t.notOk(responder.closeAfter)
  t.match(responder.notes, [/^sendHead 421 [1-9]/])
})

t.test(
  'refuse() ends a connection of which the end of the message is not sure, or whose worker leaves',
  async t => {
    const chunked = sceneOf(t, { fields: ['transfer-encoding', 'chunked'] })
    refuse(chunked.edge, chunked.x, refusals.unknownHost)
    t.ok(chunked.responder.closeAfter)
    const leaving = sceneOf(t)
    leaving.edge.isDraining = true
    refuse(leaving.edge, leaving.x, refusals.unknownHost)
    t.ok(leaving.responder.closeAfter)
    await turn()
  },
)

t.test('refuse() of a client that leaves before the answer is counted once', async t => {
  const { edge, x, responder, lines } = sceneOf(t)
  refuse(edge, x, refusals.framing)
  responder.settle(false)
  await turn()
  t.match(edge.counters, { requests: 1, active: 0, clientAborts: 1 })
  t.equal(lines.length, 1)
})

function failureOf(code: string, status: number, source: 'client' | 'origin' | 'edge' = 'origin'): EdgeError {
  return new EdgeError(code, `text of ${code}`, { source, status })
}

t.test('fail() before the head is a small answer and one line in the log', async t => {
  const { edge, x, responder, lines } = sceneOf(t, { result: 'miss', originUrl: 'http://o' })
  fail(edge, x, failureOf('connect-refused', 502))
  await turn()
  t.match(responder.notes, [/^send 502 /])
  t.notOk(responder.closeAfter)
  t.match(lines, [
    {
      level: 40,
      msg: 'origin failed',
      code: 'connect-refused',
      site: 'play',
      origin: 'http://o',
      target: '/',
      cause: 'text of connect-refused',
    },
    { msg: 'access', status: 502, result: 'error', detail: 'connect-refused' },
  ])
  t.match(edge.counters, { originErrors: 1, results: { error: 1, miss: 0 }, active: 0 })
})

t.test('fail() ends a connection of which the body was not read', async t => {
  const { edge, x, responder, lines } = sceneOf(t, { upload: uploadOf(t), method: 'POST' })
  fail(edge, x, failureOf('body-too-large', 413, 'client'))
  await turn()
  t.match(responder.notes, [/^send 413 /])
  t.ok(responder.closeAfter)
  t.match(lines[0], { level: 20, msg: 'client failed' })
  t.equal(edge.counters.originErrors, 0)
})

t.test('fail() in the middle of the body breaks the answer off (RFC 9112 8)', async t => {
  const { edge, x, responder } = sceneOf(t)
  responder.open({ status: 200, block: Buffer.from('Age'), tail: '0' }, 9)
  responder.onEnd = completed => finish(edge, x, completed)
  fail(edge, x, failureOf('origin-reset', 502))
  t.strictSame(responder.notes, ['open 200 9', 'abort'])
  t.match(edge.counters, { clientAborts: 1, active: 0 })
})

t.test('conclude() waits for an answer that streams', async t => {
  const { edge, x, responder } = sceneOf(t)
  responder.open({ status: 200, block: Buffer.from('Age'), tail: '0' }, undefined)
  conclude(edge, x)
  t.equal(edge.counters.requests, 0)
  responder.end()
  t.match(edge.counters, { requests: 1, clientAborts: 0 })
})

t.test('conclude() of an answer that ended, or whose client left, is at once', async t => {
  for (const completed of [true, false]) {
    const { edge, x, responder } = sceneOf(t)
    responder.settle(completed)
    conclude(edge, x)
    t.match(edge.counters, { requests: 1, clientAborts: completed ? 0 : 1 })
  }
})

t.test('finish() tells a draining worker when the last exchange has ended', async t => {
  let idle = 0
  const { edge, x, lines } = sceneOf(t)
  const draining = Object.assign(edge, {
    accessLog: undefined,
    onIdle: () => {
      idle += 1
    },
  })
  draining.counters.active = 2
  finish(draining, x, true)
  draining.isDraining = true
  finish(draining, { ...x, isFinished: false }, true)
  finish(draining, x, true)
  t.equal(idle, 1)
  t.equal(lines.length, 0, 'no access lines are wanted')
})
