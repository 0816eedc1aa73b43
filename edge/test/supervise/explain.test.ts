import t from 'tap'
import { EdgeError } from '../../error.js'
import type { Explained } from '../../explain/explanation.js'
import type { Question } from '../../explain/question.js'
import { answerExplain, explainBy } from '../../supervise/explain.js'
import { Link } from '../../supervise/link.js'
import { configUnder } from '../support/supervise-config.js'
import { explainedBySound, fakeSpawn, type Manner, sound } from '../support/supervise-spawn.js'

const url = 'url=http%3A%2F%2Fa.example%2F'
const question: Question = {
  url: 'http://a.example/',
  scheme: 'http',
  method: 'GET',
  authority: 'a.example',
  target: '/',
  fields: [],
}

const explained: Explained = {
  ok: true,
  explanation: {
    request: { method: 'GET', url: 'http://a.example/', fields: [] },
    at: '2026-01-01T00:00:00.000Z',
    site: 'shop',
    refusal: null,
    key: 'http shop a.example/',
    governedTarget: '/',
    variants: null,
    entry: null,
    freshness: null,
    policy: null,
    verdict: 'absent',
    why: ['Nothing is stored under its key.'],
    stale: null,
    form: null,
  },
}

t.test('answerExplain() answers in JSON, and in text for a terminal', async t => {
  const asked: Question[] = []
  const answer = (query: string, accept = '') =>
    answerExplain(query, accept, async question => {
      asked.push(question)
      return explained
    })
  const json = await answer(url)
  t.match(json, { status: 200, type: 'application/json' })
  t.strictSame(JSON.parse(json.body), explained.ok && explained.explanation)
  t.strictSame(asked, [question])
  for (const [query, accept] of [
    [`${url}&format=text`, ''],
    [`${url}&format=text`, 'application/json'],
    [url, 'text/plain'],
    [url, 'application/xml, text/plain;q=0.5'],
  ]) {
    const text = await answer(query, accept)
    t.match(text, { status: 200, type: 'text/plain; charset=utf-8' }, `${query} ${accept}`)
    t.match(text.body, /^GET http:\/\/a\.example\/\n\nABSENT: a miss/)
  }
  for (const [query, accept] of [
    [`${url}&format=json`, 'text/plain'],
    [url, '*/*'],
    [url, 'text/plainer'],
  ]) {
    t.match(await answer(query, accept), { type: 'application/json' }, `${query} ${accept}`)
  }
})

t.test('answerExplain() says what is wrong with a question, in the form asked for', async t => {
  const never = () => Promise.reject(new Error('asked'))
  const json = await answerExplain('', '', never)
  t.match(json, { status: 400, type: 'application/json' })
  t.match(JSON.parse(json.body), {
    error: { code: 'url-missing', message: String, expected: /absolute URL/ },
  })
  const text = await answerExplain('url=%2Fa&format=text', '', never)
  t.match(text, {
    status: 400,
    type: 'text/plain; charset=utf-8',
    body: /^url-relative: .*\nexpected an abs/,
  })
  for (const query of [`${url}&format=xml`, `${url}&format=`, `${url}&format=json&format=text`]) {
    const { status, body } = await answerExplain(query, '', never)
    t.equal(status, 400)
    t.match(JSON.parse(body), { error: { code: 'format', expected: 'json or text' } }, query)
  }
})

t.test('answerExplain() carries what the worker finds wrong as 400, and 503 when there is none', async t => {
  const wrong = await answerExplain(url, '', async () => explainedBySound)
  t.equal(wrong.status, 400)
  t.match(JSON.parse(wrong.body), { error: { code: 'fake', message: 'a fake has no cache' } })
  const down = new EdgeError('no-worker', 'no worker is ready', { source: 'edge', status: 503 })
  const none = await answerExplain(url, '', () => Promise.reject(down))
  t.equal(none.status, 503)
  t.match(JSON.parse(none.body), { error: { code: 'no-worker', message: 'no worker is ready' } })
  await t.rejects(
    answerExplain(url, '', () => Promise.reject(new Error('a fault of ours'))),
    { message: 'a fault of ours' },
  )
})

async function linkTo(manner: Manner): Promise<Link> {
  const { spawn } = fakeSpawn(manner)
  const config = configUnder('/tmp/a')
  let ready = (): void => {}
  const isReady = new Promise<void>(resolve => {
    ready = resolve
  })
  const start = {
    type: 'start',
    slot: 1,
    generation: 1,
    revision: 1,
    config,
    origins: [],
    ticketKeys: '',
  } as const
  const link = new Link(spawn, {
    start,
    readyMs: 10_000,
    onReady: ready,
    onEjected: () => {},
    onTailed: () => {},
    onExit: () => {},
  })
  await isReady
  return link
}

/** A worker that does `manner` with a question, and is sound otherwise. */
function asked(manner: Manner): Manner {
  return (worker, message) => (message.type === 'explain' ? manner : sound)(worker, message)
}

t.test('explainBy() asks the first worker that is ready', async t => {
  const dead = await linkTo(sound)
  dead.kill()
  await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
  const draining = await linkTo(asked(() => t.fail('a draining worker was asked')))
  const ready = await linkTo(sound)
  draining.drain()
  t.strictSame(await explainBy([dead, draining, ready], question), explainedBySound)
  ready.kill()
  const none = { code: 'no-worker', status: 503 }
  await t.rejects(explainBy([dead], question), none)
  await t.rejects(explainBy([], question), none)
})

t.test('explainBy() says when the worker dies over it, or cannot', async t => {
  const dying = await linkTo(asked(worker => worker.die(null, 'SIGKILL')))
  await t.rejects(explainBy([dying], question), {
    code: 'worker-failed',
    status: 503,
    message: 'worker 1 was asked: the worker died',
  })
  const failing = await linkTo(
    asked((worker, message) => {
      if ('id' in message) worker.say({ type: 'refused', id: message.id, reason: 'no words' })
    }),
  )
  await t.rejects(explainBy([failing], question), { message: 'worker 1 was asked: no words' })
  const confused = await linkTo(
    asked((worker, message) => {
      if ('id' in message) worker.say({ type: 'committed', id: message.id })
    }),
  )
  await t.rejects(explainBy([confused], question), { message: /answered with committed$/ })
  failing.kill()
  confused.kill()
})

t.test('Link.explain() gives up on a worker that does not answer', async t => {
  const silent = await linkTo(asked(() => {}))
  await t.rejects(silent.explain(question, 10), { message: 'no answer within 10 ms' })
  silent.kill()
})
