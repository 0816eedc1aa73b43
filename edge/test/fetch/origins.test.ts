import t from 'tap'
import { Origins } from '../../fetch/origins.js'
import { siteConfig } from '../support/exchange.js'

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
  t.ok(origins.list.every(origin => origin.pool.closed))
})
