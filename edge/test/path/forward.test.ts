// Plays: what the origin is told about the client and about us, and what it is not told (RFC 9110 7.6, RFC 8586).
import t from 'tap'
import { PlainExchange } from '../../accept/plain-exchange.js'
import { connectRaw } from '../support/client.js'
import { onUws, startEdge, testConfig } from '../support/edge.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { always, play, until } from '../support/play.js'

const hopByHop = {
  'keep-alive': 'timeout=5',
  'proxy-connection': 'keep-alive',
  'proxy-authorization': 'Basic eA==',
  te: 'trailers',
  trailer: 'x-end',
  upgrade: 'h2c',
  'x-mine': 'named by Connection',
}

t.test('the origin gets our fields, and only them twice over nobody else', async t => {
  const { origin, ask } = await play(t, always(200, {}, 'x'))
  await ask('/a?b', { headers: { host: 'a.example:81', accept: '*/*', 'x-some': ['1', '2'] } })
  const [asked] = origin.asked
  t.match(asked, { method: 'GET', target: '/a?b' })
  t.match(asked.headers, {
    host: 'a.example:81',
    via: '1.1 naij',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'a.example:81',
    'cdn-loop': 'naij',
    accept: '*/*',
    'x-some': '1, 2',
  })
  const names = asked.fields.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase())
  t.strictSame(
    names.filter((name, index) => names.indexOf(name) !== index),
    ['x-some'],
    'nothing else stands twice',
  )
})

t.test('hop-by-hop fields stay here, in both directions (RFC 9110 7.6.1)', async t => {
  const origin = await startRawOrigin(t, socket => {
    const fields = Object.entries(hopByHop).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(
      `HTTP/1.1 200 OK\r\nConnection: X-Mine, Cache-Control\r\n${fields.join('')}Cache-Control: max-age=60\r\nContent-Length: 1\r\n\r\nx`,
    )
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const fields = Object.entries(hopByHop).map(([name, value]) => `${name}: ${value}\r\n`)
  for (const turn of ['miss', 'hit']) {
    const client = await connectRaw(edge.port)
    client.write(
      `GET /a HTTP/1.1\r\nHost: a\r\nConnection: x-mine, cookie\r\nCookie: a=b\r\n${fields.join('')}\r\n`,
    )
    const answer = (await client.until(/\r\n\r\nx$/)).toLowerCase()
    for (const name of Object.keys(hopByHop)) t.notMatch(answer, `\n${name}:`, `${name} in a ${turn}`)
    t.match(answer, 'cache-control: max-age=60', 'Connection does not strip what is relied on')
    client.socket.destroy()
  }
  t.equal(origin.heads.length, 1)
  const head = origin.heads[0].toLowerCase()
  for (const name of Object.keys(hopByHop)) t.notMatch(head, `\n${name}:`, `${name} to the origin`)
  t.match(head, 'cookie: a=b')
})

t.test(
  'what a client says in the name of a proxy is replaced, or continued where the site trusts it',
  async t => {
    const headers = {
      via: '1.0 front',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-port': '1',
      forwarded: 'for=192.0.2.1',
    }
    const replaced = await play(t, always(200, {}))
    await replaced.ask('/a', { headers })
    t.match(replaced.origin.asked[0].headers, {
      via: '1.0 front, 1.1 naij',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
    })
    t.notOk(
      'forwarded' in replaced.origin.asked[0].headers ||
        'x-forwarded-port' in replaced.origin.asked[0].headers,
    )
    const appended = await play(t, always(200, {}), { site: { forwardedFor: 'append' } })
    await appended.ask('/a', { headers })
    t.match(appended.origin.asked[0].headers, {
      'x-forwarded-for': '192.0.2.1, 127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      forwarded: 'for=192.0.2.1',
    })
  },
)

t.test('a site may name the Host that its origin wants', async t => {
  const { origin, ask } = await play(t, always(200, {}), { site: { originHost: 'inside.example' } })
  await ask('/a', { headers: { host: 'shop.example' } })
  t.match(origin.asked[0].headers, { host: 'inside.example', 'x-forwarded-host': 'shop.example' })
})

t.test('cdnId is our name everywhere', async t => {
  const { origin, ask } = await play(t, always(200, { 'Cache-Control': 'max-age=60' }, 'x'), {
    more: { cdnId: 'lagos' },
  })
  const miss = await ask('/a')
  const hit = await ask('/a')
  t.match(origin.asked[0].headers, { via: '1.1 lagos', 'cdn-loop': 'lagos' })
  t.match(miss.headers, { via: '1.1 lagos', 'cache-status': 'lagos; fwd=uri-miss; fwd-status=200; stored' })
  t.match(hit.headers, { via: '1.1 lagos', 'cache-status': /^lagos; hit; ttl=\d+$/ })
})

t.test('Via and Cache-Status of those behind us are kept', async t => {
  const behind = {
    'Content-Length': '1',
    Via: '1.1 back',
    'Cache-Status': 'back; hit; ttl=3',
    'Cache-Control': 'max-age=60',
  }
  const origin = await startOrigin(t, always(200, behind, 'x'))
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  for (const own of [/fwd=uri-miss/, /hit; ttl=\d+/]) {
    const client = await connectRaw(edge.port)
    client.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
    const answer = await client.until(/\r\n\r\nx$/)
    const values = (name: string) =>
      [...answer.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gim'))].map(([, value]) => value).join(', ')
    t.match(values('Via'), /^1\.1 back, 1\.1 naij$/)
    t.match(values('Cache-Status'), new RegExp(`^back; hit; ttl=3, naij; ${own.source}`))
    client.socket.destroy()
  }
})

t.test('a value that no origin may be sent is 400 (RFC 9110 5.5)', onUws, async t => {
  const origin = await startOrigin(t, always(200, {}, 'x'))
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  client.write('GET /a HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n')
  t.match(await client.until(/\r\n\r\n400 /), /^HTTP\/1\.1 400 .*detail=request/s)
  client.socket.destroy()
  await edge.idle()
  t.equal(origin.asked.length, 0)
  t.match(edge.counters(), { originErrors: 0, results: { error: 1 } })
})

t.test('what a client says goes on as it came, in its order, behind Host', async t => {
  const origin = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  for (const more of ['', 'X-Other: 1\r\n']) {
    const count = origin.heads.length
    client.write(
      `GET /a HTTP/1.1\r\nB: 1\r\nHost: a\r\nConnection: keep-alive\r\nCookie: c=d\r\nB: 2\r\n${more}\r\n`,
    )
    await until(() => origin.heads.length > count)
  }
  const [plain, other] = origin.heads
  const ours =
    'Via: 1.1 naij\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a\r\nCDN-Loop: naij\r\n'
  const lines = 'b: 1\r\ncookie: c=d\r\nb: 2\r\n'
  t.equal(plain!.toLowerCase(), `GET /a HTTP/1.1\r\nHost: a\r\n${lines}${ours}\r\n`.toLowerCase())
  t.equal(
    other!.toLowerCase(),
    `GET /a HTTP/1.1\r\nHost: a\r\n${lines}X-Other: 1\r\n${ours}\r\n`.toLowerCase(),
  )
})

t.test('what a site does not send on stays here, whatever its name', async t => {
  const cache = { dropFields: ['accept-language', 'x-secret'] }
  const { origin, ask } = await play(t, always(200, {}, 'x'), { site: { cache } })
  await ask('/a', { headers: { 'accept-language': 'de', accept: '*/*' } })
  await ask('/b', { headers: { 'x-secret': '1', accept: '*/*' } })
  for (const { headers } of origin.asked) {
    t.match(headers, { accept: '*/*', 'accept-language': undefined, 'x-secret': undefined })
  }
})

t.test('of what goes on as it came no field is read by itself', onUws, async t => {
  const original = Object.getOwnPropertyDescriptor(PlainExchange.prototype, 'fields')!
  let reads = 0
  Object.defineProperty(PlainExchange.prototype, 'fields', {
    ...original,
    get(this: PlainExchange) {
      reads += 1
      return original.get!.call(this)
    },
  })
  t.teardown(() => Object.defineProperty(PlainExchange.prototype, 'fields', original))
  const script = always(200, { 'cache-control': 'no-store' }, 'x')
  const { origin, edge, ask } = await play(t, script, { more: { log: { access: 'off' } } })
  const headers = { connection: 'keep-alive', accept: '*/*', cookie: 'a=b' }
  for (const method of ['GET', 'HEAD']) await ask('/a', { method, headers })
  await edge.idle()
  t.equal(origin.asked.length, 2)
  t.equal(reads, 0)
})
