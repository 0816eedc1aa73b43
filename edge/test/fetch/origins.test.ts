import t from 'tap'
import { goodState, hostNowMs } from '../../fetch/origin-health.js'
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
  const picked = Array.from({ length: 4 }, () => origins.pick('', [])!.url.at(-1))
  t.strictSame(picked, ['1', '2', '3', '1'])
})

t.test('pick() passes over the one that failed, when there is another', async t => {
  const two = originsOf(2)
  for (let i = 0; i < 4; i += 1) t.not(two.pick('', [two.list[0]]), two.list[0])
  const one = originsOf(1)
  t.equal(one.pick('', [one.list[0]]), one.list[0])
})

const busy = (origins: Origins, at: number) => {
  origins.list[at].active = 100_000
}

t.test('pick() leaves out who is ejected, down, tried or full, while there is another', async t => {
  const later = hostNowMs() + 60_000
  const origins = originsOf(4)
  const [a, b, c, d] = origins.list
  a.health.state = { ...goodState, ejectedUntilMs: later }
  origins.set(b.url, { ...goodState, isDown: true })
  busy(origins, 2)
  for (let at = 0; at < 4; at += 1) t.equal(origins.pick('', []), d)
  t.equal(origins.pick('', [d]), c, 'full, but not tried: whoever asks says so')
  origins.set(d.url, { ...goodState, isDown: true })
  origins.set(c.url, { ...goodState, isDown: true })
  t.equal(origins.pick('', []), undefined)
  origins.set('http://nowhere', goodState)
})

t.test('pick() takes a backup when no other is good, or all others were tried', async t => {
  const urls = ['http://127.0.0.1:1', { url: 'http://127.0.0.1:2', backup: true }]
  const origins = new Origins(siteConfig({ origins: urls }))
  const [primary, backup] = origins.list
  for (let at = 0; at < 3; at += 1) t.equal(origins.pick('', []), primary)
  t.equal(origins.pick('', [primary]), backup)
  origins.set(primary.url, { ...goodState, isDown: true })
  t.equal(origins.pick('', []), backup)
})

t.test('pick() by hash is the same for the same key', async t => {
  const origins = originsOf(5, { balance: 'consistentHash' })
  const keys = Array.from({ length: 50 }, (_, at) => `key ${at}`)
  const picked = keys.map(key => origins.pick(key, []))
  t.strictSame(
    keys.map(key => origins.pick(key, [])?.url),
    picked.map(origin => origin?.url),
  )
  t.equal(new Set(picked).size, 5)
})

t.test('failed() ejects one of several and says so once; never the last good one', async t => {
  const ejection = { failures: 2, ejectMs: '1m' }
  const origins = originsOf(2, { ejection })
  const [a, b] = origins.list
  const said: string[] = []
  origins.onEjected = ({ url }, { ejections }, reason) => said.push(`${url.at(-1)} ${ejections} ${reason}`)
  for (let at = 0; at < 4; at += 1) origins.failed(a, 'status-503')
  t.strictSame(said, ['1 1 status-503'])
  t.equal(a.failures, 4)
  for (let at = 0; at < 9; at += 1) origins.failed(b, 'connect-refused')
  t.strictSame(said, ['1 1 status-503'])
  t.equal(origins.pick('', []), b)
  const alone = originsOf(1, { ejection })
  for (let at = 0; at < 9; at += 1) alone.failed(alone.list[0], 'connect-refused')
  t.equal(alone.pick('', []), alone.list[0])
})

t.test('succeeded() begins anew', async t => {
  const origins = originsOf(2, { ejection: { failures: 2 } })
  const [a] = origins.list
  for (let at = 0; at < 9; at += 1) {
    origins.failed(a, 'origin-reset')
    origins.succeeded(a)
    origins.succeeded(a)
  }
  t.ok(a.health.isAvailable(hostNowMs()))
})

t.test('fit() tells whether other settings of a site go on with the same origins', async t => {
  const origins = originsOf(2)
  const urls = origins.list.map(({ url }) => url)
  t.ok(origins.fit(siteConfig({ origins: urls, name: 'other', cache: { heuristic: false } })))
  t.notOk(origins.fit(siteConfig({ origins: urls, balance: 'consistentHash' })))
  t.notOk(origins.fit(siteConfig({ origins: urls.slice(1) })))
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
