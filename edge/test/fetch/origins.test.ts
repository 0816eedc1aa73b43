import t from 'tap'
import { Origins } from '../../fetch/origins.js'
import { send } from '../../fetch/send.js'
import { asking, Noted } from '../support/answers.js'
import { siteConfig } from '../support/exchange.js'
import { startOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

function originsOf(count: number, more: Record<string, unknown> = {}): Origins {
  const origins = Array.from({ length: count }, (_, i) => `http://127.0.0.1:${i + 1}`)
  return new Origins(siteConfig({ origins, ...more }))
}

t.test('pick() goes round', async t => {
  const origins = originsOf(3)
  const picked = Array.from({ length: 4 }, () => origins.pick(undefined).url.at(-1))
  t.strictSame(picked, ['1', '2', '3', '1'])
})

t.test('pick() passes over the one that failed, when there is another', async t => {
  const two = originsOf(2)
  for (let i = 0; i < 4; i += 1) t.not(two.pick(two.list[0]), two.list[0])
  const one = originsOf(1)
  t.equal(one.pick(one.list[0]), one.list[0])
})

t.test('hasRoom() counts connections and those who wait for one', async t => {
  const [origin] = originsOf(1, { originConnectionsMax: 2, originPendingMax: 1 }).list
  for (const [active, expected] of [
    [0, true],
    [2, true],
    [3, false],
  ] as const) {
    origin.active = active
    t.equal(origin.hasRoom(), expected, `${active}`)
  }
})

t.test('close() closes the pools', async t => {
  const origins = originsOf(2)
  await origins.close()
  t.ok(origins.list.every(origin => origin.pool.isClosed))
})

t.test('close() lets what is in progress finish, and cuts it when that takes too long', async t => {
  let answer: (() => void) | undefined
  const origin = await startOrigin(t, (_, response) => {
    answer = () => void response.end('ok')
  })
  const closing: [limitMs: number | undefined, events: string[]][] = [
    [undefined, ['head', 'body', 'end']],
    [20, ['error origin-swapped']],
  ]
  for (const [limitMs, events] of closing) {
    answer = undefined
    const origins = originsOf(1, { origins: [origin.url] })
    const noted = new Noted()
    send(origins.list[0], asking(), noted)
    await until(() => answer)
    const closed = origins.close(limitMs)
    if (limitMs === undefined) setImmediate(() => answer?.())
    await closed
    await noted.ended
    t.strictSame(noted.events, events, `${limitMs}`)
  }
})
