// What the settings of a site say of asking: when another origin is tried, and what is put to it.
import t, { type Test } from 'tap'
import { buildSites, type Site } from '../../accept/sites.js'
import type { Exchange } from '../../exchange.js'
import { ask } from '../../fetch/ask.js'
import { goodState } from '../../fetch/origin-health.js'
import { Noted } from '../support/answers.js'
import { exchangeOf, siteConfig } from '../support/exchange.js'
import { startRawOrigin } from '../support/origin.js'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

function siteAt(t: Test, urls: string[], more: Record<string, unknown> = {}): Site {
  const sites = buildSites([siteConfig({ origins: urls, timeouts: { connectMs: 60_000 }, ...more })])
  t.teardown(() => sites.list[0].origins.list.forEach(origin => void origin.destroy()))
  return sites.list[0]
}

async function asked(x: Exchange): Promise<Noted> {
  const noted = new Noted()
  ask(x, { kind: 'asAsked' }, 'naij', noted)
  await noted.ended
  return noted
}

t.test('ask() asks another origin after an answer that is an error, where that is safe', async t => {
  const broken = 'HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno'
  const bad = await startRawOrigin(t, socket => socket.write(broken))
  const good = await startRawOrigin(t, socket => socket.write(ok))
  const rows: [method: string, urls: string[], retries: Record<string, unknown>, status: number][] = [
    ['GET', [bad.url, good.url], {}, 200],
    ['HEAD', [bad.url, good.url], {}, 200],
    ['POST', [bad.url, good.url], {}, 503],
    ['GET', [bad.url], {}, 503],
    ['GET', [bad.url, good.url], { triesMax: 1 }, 503],
    ['GET', [bad.url, good.url], { statuses: [502] }, 503],
    ['GET', [bad.url, good.url], { budgetPercent: 0, budgetMin: 0 }, 503],
  ]
  for (const [method, urls, retries, status] of rows) {
    const site = siteAt(t, urls, { retries })
    const noted = await asked(exchangeOf({ method, site }))
    t.equal(noted.status, status, `${method} ${urls.length} ${JSON.stringify(retries)}`)
    t.equal(site.origins.list[0].failures, 1)
    const [, other] = site.origins.list
    if (other !== undefined) t.equal(other.retries, status === 200 ? 1 : 0)
  }
})

t.test(
  'ask() asks another origin when one breaks off before its answer, and ends with what the last one says',
  async t => {
    const silent = await startRawOrigin(t, socket => void socket.end())
    const broken = await startRawOrigin(t, socket => void socket.end('what is this\r\n\r\n'))
    const good = await startRawOrigin(t, socket => socket.write(ok))
    const first = await asked(exchangeOf({ site: siteAt(t, [silent.url, broken.url, good.url]) }))
    t.strictSame(first.events, ['head', 'body', 'end'])
    const second = await asked(exchangeOf({ site: siteAt(t, [silent.url, broken.url]) }))
    t.strictSame(second.events, ['error bad-response'])
    const third = await asked(exchangeOf({ site: siteAt(t, [broken.url]) }))
    t.strictSame(third.events, ['error bad-response'])
    t.equal(broken.heads.length, 3, 'nobody repeats what will be the same')
  },
)

t.test('ask() says so when no origin is good', async t => {
  const site = siteAt(t, ['http://127.0.0.1:1', 'http://127.0.0.1:2'])
  for (const { url } of site.origins.list) site.origins.set(url, { ...goodState, isDown: true })
  const noted = await asked(exchangeOf({ site }))
  t.strictSame(noted.events, ['error no-good-origin'])
  t.match(noted.error, { status: 503, source: 'origin' })
})

t.test('ask() puts the path of the site before, and names the Host that the site wants', async t => {
  const origin = await startRawOrigin(t, socket => socket.write(ok))
  const { host } = new URL(origin.url)
  const rows: [more: Record<string, unknown>, method: string, target: string, line: string, host: string][] =
    [
      [{}, 'GET', '/a?b', 'GET /a?b', 'play.example'],
      [{ originPath: '/shop' }, 'GET', '/a?b', 'GET /shop/a?b', 'play.example'],
      [{ originPath: '/shop' }, 'OPTIONS', '*', 'OPTIONS *', 'play.example'],
      [{ originHostPolicy: 'origin' }, 'GET', '/', 'GET /', host],
      [{ originHostPolicy: 'origin', originHost: 'fixed.example' }, 'GET', '/', 'GET /', 'fixed.example'],
    ]
  for (const [more, method, target, line, expected] of rows) {
    origin.heads.length = 0
    const x = exchangeOf({ method, target, site: siteAt(t, [origin.url], more), authority: 'play.example' })
    await asked(x)
    const [head] = origin.heads
    t.ok(head.startsWith(`${line} HTTP/1.1\r\nHost: ${expected}\r\n`), head)
  }
})

t.test(
  'ask() reads an unknown transfer coding to the close where the site allows it (http-rules.md 11)',
  async t => {
    const origin = await startRawOrigin(t, socket => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end')
    })
    const refused = await asked(exchangeOf({ site: siteAt(t, [origin.url]) }))
    t.strictSame(refused.events, ['error bad-response'])
    const site = siteAt(t, [origin.url], { cache: { allowUnknownTransferCoding: true } })
    const read = await asked(exchangeOf({ site }))
    t.strictSame([read.events, read.body], [['head', 'body', 'end'], 'to the end'])
  },
)
