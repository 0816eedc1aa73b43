import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { buildSites, type Site } from '../../accept/sites.js'
import type { Exchange } from '../../exchange.js'
import { ask } from '../../fetch/ask.js'
import type { Wanted } from '../../fetch/build-ask.js'
import { Noted, uploadOf } from '../support/answers.js'
import { exchangeOf, NotingResponder, siteConfig } from '../support/exchange.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const asAsked: Wanted = { kind: 'asAsked' }

function siteAt(t: Test, urls: string[], more: Record<string, unknown> = {}): Site {
  const sites = buildSites([siteConfig({ origins: urls, timeouts: { connectMs: 60_000 }, ...more })])
  t.teardown(() => sites.list[0].origins.list.forEach(origin => void origin.destroy()))
  return sites.list[0]
}

async function asked(x: Exchange, wanted: Wanted = asAsked): Promise<Noted> {
  const noted = new Noted()
  ask(x, wanted, 'naij', noted)
  await noted.ended
  return noted
}

/** An address where nobody listens. */
async function nobody(t: Test): Promise<string> {
  const origin = await startOrigin(t, () => {})
  await origin.stop()
  return origin.url
}

/** Requests are numbered over all connections; the script says what happens to each. */
async function scripted(t: Test, script: (socket: Socket, number: number) => void) {
  let number = 0
  return startRawOrigin(t, socket => {
    number += 1
    script(socket, number)
  })
}

t.test('ask() sends what the client asked, and who we are (RFC 9110 7.6)', async t => {
  const origin = await startRawOrigin(t, socket => socket.write(ok))
  const fields = ['host', 'Play:8080', 'range', 'bytes=0-', 'if-none-match', '"c"', 'x', '\u00e9']
  const x = exchangeOf({
    site: siteAt(t, [origin.url]),
    fields,
    hostField: 'Play:8080',
    authority: 'play:8080',
    target: '/p?q',
    clientAddress: '',
  })
  const noted = await asked(x)
  t.strictSame(noted.events, ['head', 'body', 'end'])
  const head = origin.heads[0]
  t.match(head, /^GET \/p\?q HTTP\/1\.1\r\n/)
  for (const line of ['range: bytes=0-', 'if-none-match: "c"', 'via: 1.1 naij', 'cdn-loop: naij']) {
    t.ok(head.toLowerCase().includes(`\r\n${line}\r\n`), line)
  }
  t.ok(head.includes('\r\nx: \xc3\xa9\r\n'), 'the bytes that the client sent')
  t.match(head, /\r\nhost: play:8080\r\n/i)
  t.match(head, /\r\nX-Forwarded-For: 192\.0\.2\.1\r\n/, 'the address was asked for')
  t.equal(x.originUrl, origin.url)
})

t.test(
  'ask() for the whole leaves out range and conditions of the client, and puts ours (RFC 9111 4.3.1)',
  async t => {
    const origin = await startRawOrigin(t, socket => socket.write(ok))
    const fields = ['range', 'bytes=0-', 'if-range', '"c"', 'if-none-match', '"c"', 'if-modified-since', 'x']
    const x = exchangeOf({ site: siteAt(t, [origin.url], { originHost: 'inner.example' }), fields })
    await asked(x, { kind: 'whole', conditions: ['If-None-Match', '"s"'] })
    const head = origin.heads[0]
    t.match(head, /\r\nIf-None-Match: "s"\r\n/)
    t.notMatch(head, /range|"c"|modified/i)
    t.match(head, /\r\nhost: inner\.example\r\n/i, 'the site names its host')
  },
)

t.test('ask() sends an upload with the length that the client gave', async t => {
  const origin = await startOrigin(t, (request, response) => {
    request.resume().on('end', () => response.end('ok'))
  })
  const upload = uploadOf(t)
  upload.receive(new Uint8Array(4).buffer, true)
  const fields = ['content-length', '4']
  await asked(exchangeOf({ method: 'POST', site: siteAt(t, [origin.url]), fields, upload }))
  t.match(origin.asked[0], { method: 'POST', headers: { 'content-length': '4' } })
})

t.test('ask() asks the next origin when the first refuses the connection', async t => {
  const origin = await startRawOrigin(t, socket => socket.write(ok))
  for (const method of ['GET', 'POST']) {
    const x = exchangeOf({ method, site: siteAt(t, [await nobody(t), origin.url]) })
    const noted = await asked(x)
    t.strictSame(noted.events, ['head', 'body', 'end'], method)
    t.equal(x.originUrl, origin.url)
  }
})

t.test('ask() tries twice, not oftener', async t => {
  const urls = [await nobody(t), await nobody(t), await nobody(t)]
  const noted = await asked(exchangeOf({ site: siteAt(t, urls) }))
  t.strictSame(noted.events, ['error connect-refused'])
  t.match(noted.error, { status: 502 })
})

const closing: [row: string, method: string, events: string[], requests: number][] = [
  ['RFC 9110 9.2.2 a safe method is tried again', 'GET', ['head', 'body', 'end'], 3],
  ['RFC 9110 9.2.2 OPTIONS too', 'OPTIONS', ['head', 'body', 'end'], 3],
  ['RFC 9110 9.2.2 another one is not', 'POST', ['error origin-closed'], 2],
]
for (const [row, method, events, requests] of closing) {
  t.test(`ask() on a kept connection that the origin closes: ${row}`, async t => {
    const origin = await scripted(t, (socket, number) => {
      if (number === 2) socket.end()
      else socket.write(ok)
    })
    const site = siteAt(t, [origin.url])
    t.strictSame((await asked(exchangeOf({ site }))).events, ['head', 'body', 'end'])
    t.strictSame((await asked(exchangeOf({ site, method }))).events, events)
    t.equal(origin.heads.length, requests)
  })
}

t.test('ask() does not try again with a body that was read, nor when the answer had begun', async t => {
  const origin = await scripted(t, (socket, number) => {
    if (number === 2) socket.write(ok.replace('Length: 2', 'Length: 9'))
    socket.end()
  })
  const site = siteAt(t, [origin.url])
  const upload = uploadOf(t)
  upload.receive(new Uint8Array(1).buffer, true)
  const fields = ['content-length', '1']
  const first = await asked(exchangeOf({ site, method: 'OPTIONS', fields, upload }))
  t.match(first.events, [/^error origin-(closed|reset)$/])
  t.equal(origin.heads.length, 1)
  const second = await asked(exchangeOf({ site }))
  t.match(second.events, ['head', 'body', /^error /])
  t.equal(origin.heads.length, 2)
})

t.test('ask() answers 503 when all origins are busy, and goes to the one that is not', async t => {
  const origin = await startRawOrigin(t, socket => socket.write(ok))
  const other = await startRawOrigin(t, socket => socket.write(ok))
  const site = siteAt(t, [origin.url, other.url], { originConnectionsMax: 1, originPendingMax: 0 })
  const [first, second] = site.origins.list
  first.active = 1
  const x = exchangeOf({ site })
  t.strictSame((await asked(x)).events, ['head', 'body', 'end'])
  t.equal(x.originUrl, other.url)
  second.active = 1
  const noted = await asked(exchangeOf({ site }))
  t.strictSame(noted.events, ['error origin-busy'])
  t.match(noted.error, { status: 503, source: 'origin' })
})

t.test('ask() after its site was swapped out ends with origin-swapped', async t => {
  const site = siteAt(t, [await nobody(t)])
  await site.origins.close()
  const noted = await asked(exchangeOf({ site }))
  t.strictSame(noted.events, ['error origin-swapped'])
  t.match(noted.error, { status: 503 })
})

t.test('abort() forbids a second try and gives no event', async t => {
  let closed = 0
  const origin = await startRawOrigin(t, socket => {
    socket.on('close', () => {
      closed += 1
    })
  })
  const x = exchangeOf({ site: siteAt(t, [origin.url]) })
  const noted = new Noted()
  const sending = ask(x, asAsked, 'naij', noted)
  await until(() => origin.heads[0])
  sending.abort()
  sending.resume()
  await until(() => (closed === 1 ? true : undefined))
  t.strictSame(noted.events, [])
  t.equal(origin.heads.length, 1)
})

t.test('resume() reaches the try that is under way', async t => {
  const body = Buffer.alloc(500_000, 'b')
  const origin = await startOrigin(t, (_, response) => response.end(body))
  const site = siteAt(t, [await nobody(t), origin.url])
  const noted = new Noted()
  noted.pausesAt = 1
  const sending = ask(exchangeOf({ site, responder: new NotingResponder() }), asAsked, 'naij', noted)
  await until(() => noted.chunks[0])
  noted.pausesAt = Number.POSITIVE_INFINITY
  sending.resume()
  await noted.ended
  t.equal(noted.body.length, body.length)
})

t.test(
  'askUnconditionally() drops the answer that began and asks for the whole (RFC 9111 4.3.3)',
  async t => {
    const origin = await startRawOrigin(t, (socket, head) => {
      socket.write(/if-none-match/i.test(head) ? 'HTTP/1.1 304 No\r\nETag: "other"\r\n\r\n' : ok)
    })
    const site = siteAt(t, [origin.url])
    const noted = new Noted()
    const asking = ask(
      exchangeOf({ site }),
      { kind: 'whole', conditions: ['If-None-Match', '"e"'] },
      'naij',
      noted,
    )
    const onHead = noted.onHead.bind(noted)
    noted.onHead = (status, fields) => {
      onHead(status, fields)
      if (status === 304) asking.askUnconditionally()
    }
    await noted.ended
    t.strictSame(noted.events, ['head', 'head', 'body', 'end'])
    t.equal(noted.body, 'ok')
    t.equal(origin.heads.length, 2)
    t.notMatch(origin.heads[1], /if-none-match/i)
    await until(() => (site.origins.list[0].active === 0 ? true : undefined))
  },
)
