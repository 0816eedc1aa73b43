// What is learned of one response: not before nothing better is to come of it, and in as many ways as there is room for.
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { onUws } from '../support/edge.js'
import { always, play, type Stage, until } from '../support/play.js'
import { optimiser } from '../support/workshop.js'
import { answerTo } from './support/answer-to.js'
import { given } from './support/given.js'

const page = '<p>the same words, again and again</p>\n'.repeat(200)
const fields = { 'cache-control': 'max-age=600', 'content-type': 'text/html' }

async function stageOf(t: Parameters<typeof play>[0], more: Record<string, unknown> = {}, rest: Stage = {}) {
  const stage = await play(t, always(200, fields, page), {
    ...{ store: 'lmdb', more: { log: { access: 'off' }, cache: { replay: true }, ...more } },
    ...rest,
  })
  const client = await connectRaw(stage.edge.port)
  given.hits = 0
  /** True when it was given ahead of the engine. */
  const ask = async (codings: string): Promise<boolean> => {
    stage.edge.counters()
    const before = given.hits
    await answerTo(client, `GET /page HTTP/1.1\r\nHost: a\r\nAccept-Encoding: ${codings}\r\n\r\n`)
    stage.edge.counters()
    return given.hits > before
  }
  return { ...stage, ask }
}

t.test('a form is served by the path until it is used enough to be made better', onUws, async t => {
  const { joinOptimiser, workshop } = optimiser(t)
  const { ask } = await stageOf(t, { optimise: { upgradeAfter: 20 } }, { joinOptimiser })
  await until(async () => {
    await ask('br')
    return workshop().totals().jobs['br improved'] === 1
  }, 10_000)
  await until(() => ask('br'), 10_000)
})

t.test('a form that is never made better is given from the beginning', onUws, async t => {
  const { joinOptimiser, workshop } = optimiser(t)
  const { ask } = await stageOf(t, { optimise: { upgradeAfter: 0 } }, { joinOptimiser })
  await until(() => ask('br'), 10_000)
  t.equal(workshop().totals().jobs['br improved'], undefined)
})

t.test('who asks for one response in many ways drives out only what it learned before', onUws, async t => {
  const { ask } = await stageOf(t)
  await until(() => ask('x'))
  const ways = Array.from({ length: 40 }, (_, at) => `x${at}`)
  for (const way of ways) t.notOk(await ask(way))
  for (const way of ways.slice(-16).reverse()) t.ok(await ask(way), way)
  for (const way of ['x', 'x0', ways.at(-17)!]) t.notOk(await ask(way), way)
})
