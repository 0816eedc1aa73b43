// Plays: the one form of a target that is both keyed and sent, hosts and sites, loops, and refusals after which the
// connection goes on.
import { Agent } from 'node:http'
import t from 'tap'
import { get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { always, cacheStatus, play } from '../support/play.js'

const minute = { 'Cache-Control': 'max-age=60' }

t.test('key and origin get the same normalised target (RFC 3986 6.2.2)', async t => {
  const table: [string, string][] = [
    ['/a/../b', '/b'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/b', '/b'],
    ['/./a/./', '/a/'],
    ['/..', '/'],
    ['/../../etc', '/etc'],
    ['/a/..', '/'],
    ['/%7euser/%41', '/~user/A'],
    ['/a%2fb/..%2fc', '/a%2Fb/..%2Fc'],
    ['//a//../b', '//a/b'],
    ['/a?b=../c&d=%2e%7E', '/a?b=../c&d=.~'],
    ['/a?', '/a?'],
    ['/a;b=c,d', '/a;b=c,d'],
  ]
  const { origin, ask } = await play(t, always(200, minute, 'x'))
  for (const [sent, normal] of table) {
    const before = origin.asked.length
    t.match(cacheStatus(await ask(sent)), /uri-miss/, sent)
    t.equal(origin.asked[before].target, normal, sent)
    t.match(cacheStatus(await ask(normal)), /^hit/, `${sent} is stored as ${normal}`)
    await ask(normal, { method: 'PURGE' })
  }
})

t.test('the host is compared in lower case, without dot and default port', async t => {
  const { origin, ask } = await play(t, always(200, minute, 'x'), { site: { hosts: ['a.example'] } })
  await ask('/a', { headers: { host: 'a.example' } })
  for (const host of ['A.Example', 'a.example.', 'a.example:', 'A.EXAMPLE.:80', 'a.example:0080']) {
    t.match(cacheStatus(await ask('/a', { headers: { host } })), /^hit/, host)
  }
  t.equal(origin.asked.length, 1)
})

t.test('what the origin is told of the host is what is keyed (RFC 9110 4.2.3)', async t => {
  const { ask } = await play(t, (asked, response) => {
    const { host, 'x-forwarded-host': forwarded } = asked.headers
    always(301, { ...minute, Location: `http://${host}/b`, 'X-Forwarded': String(forwarded) })(
      asked,
      response,
    )
  })
  for (const host of ['a.example:1337', 'A.EXAMPLE.', 'a.example:80', 'a.example']) {
    const { location, 'x-forwarded': forwarded } = (await ask('/a', { headers: { host } })).headers
    const told = host.endsWith(':1337') ? host : 'a.example'
    t.same([location, forwarded], [`http://${told}/b`, told], host)
  }
})

t.test('each host finds its site: exact, the longest wildcard, else 421 (RFC 9110 15.5.20)', async t => {
  const sites = await Promise.all(['one', 'two', 'three'].map(name => startOrigin(t, always(200, {}, name))))
  const hosts = [['a.example'], ['*.a.example', 'b.example'], ['*.deep.a.example']]
  const config = testConfig(
    t,
    [],
    {},
    {
      sites: hosts.map((names, index) => ({ name: `s${index}`, hosts: names, origins: [sites[index].url] })),
    },
  )
  const edge = await startEdge(t, config)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const table: [string, number, string][] = [
    ['a.example', 200, 'one'],
    ['x.a.example', 200, 'two'],
    ['unknown.example', 421, ''],
    ['x.deep.a.example', 200, 'three'],
    ['example', 421, ''],
    ['b.example', 200, 'two'],
    ['x.b.example', 421, ''],
  ]
  for (const [host, status, text] of table) {
    const reply = await get(edge.port, '/', { headers: { host }, agent })
    t.equal(reply.status, status, host)
    if (status === 200) t.equal(reply.text, text, host)
    else t.match(cacheStatus(reply), /detail=unknown-host/)
    t.not(reply.headers.connection, 'close', `${host}: the connection goes on`)
  }
  t.match(edge.counters(), { requests: 7, results: { refused: 3, miss: 4 } })
})

t.test('a request that has passed here too often is 508 (RFC 8586)', async t => {
  const { origin, ask } = await play(t, always(200, {}, 'x'))
  const table: [string | string[], number][] = [
    ['naij, naij, naij', 200],
    ['other, other, other, other', 200],
    ['naij, naij, naij, naij', 508],
    [['naij; a=b, NAIJ', 'other, naij', 'naij'], 508],
  ]
  for (const [loop, status] of table) {
    const reply = await ask('/a', { headers: { 'cdn-loop': loop } })
    t.equal(reply.status, status, `${loop}`)
    if (status === 508) t.match(reply.headers, { 'cache-status': /detail=loop/, 'cache-control': 'no-store' })
  }
  t.equal(origin.asked.length, 2)
  t.equal(origin.asked[0].headers['cdn-loop'], 'naij, naij, naij, naij')
})

t.test('only-if-cached is a hit or 504, and never asks the origin (RFC 9111 5.2.1.7)', async t => {
  const { origin, ask } = await play(t, always(200, minute, 'x'))
  const only = { headers: { 'cache-control': 'only-if-cached' } }
  t.match(await ask('/a', only), { status: 504, headers: { 'cache-status': /detail=only-if-cached/ } })
  t.equal(origin.asked.length, 0)
  await ask('/a')
  t.match(cacheStatus(await ask('/a', only)), /^hit/)
  t.equal(origin.asked.length, 1)
})

t.test('too many requests in progress are 503 with Retry-After', async t => {
  const waiting: (() => void)[] = []
  const { origin, ask, edge } = await play(t, (_, response) => void waiting.push(() => response.end('x')), {
    more: { limits: { exchangesMax: 1 } },
  })
  const arrived = new Promise<void>(resolve => {
    const { script } = origin
    origin.script = (request, response) => {
      script(request, response)
      resolve()
    }
  })
  const first = ask('/a')
  await arrived
  const second = await ask('/b')
  t.match(second, { status: 503, headers: { 'retry-after': '1', 'cache-status': /detail=overloaded/ } })
  waiting[0]()
  t.match(await first, { status: 200, text: 'x' })
  await edge.idle()
  t.equal(origin.asked.length, 1)
})
