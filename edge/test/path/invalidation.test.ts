// Plays: what the answer to an unsafe request puts out of use (RFC 9111 4.4), and what comes back from before it.
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { openLmdbStore } from '../../cache/lmdb.js'
import { connectRaw, get } from '../support/client.js'
import { onUws, startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { always, cacheStatus, type Play, play, until } from '../support/play.js'
import { settledStore } from '../support/settled-store.js'

const minute = { 'Cache-Control': 'max-age=60' }
const host = { headers: { host: 'shop.example' } }

/** An origin whose pages last a minute, and that answers everything else by `status` and `headers`. */
function shop(t: Parameters<typeof play>[0], status: number, headers = {}, site = {}): Promise<Play> {
  const changed = always(status, headers)
  const page = always(200, minute, 'page')
  return play(t, (request, response) => (request.method === 'GET' ? page : changed)(request, response), {
    site,
  })
}

/** Asks for each target, and says which of them the origin was asked for. */
async function fetched(of: Play, targets: string[], headers = host.headers): Promise<string[]> {
  const before = of.origin.asked.length
  for (const target of targets) await of.ask(target, { headers })
  return of.origin.asked.slice(before).map(({ target }) => target)
}

const methods: [method: string, status: number, isGone: boolean][] = [
  ['POST', 200, true],
  ['PUT', 201, true],
  ['DELETE', 204, true],
  ['PATCH', 200, true],
  ['M-SEARCH', 207, true],
  ['PURGE', 200, true],
  ['POST', 301, true],
  ['POST', 303, true],
  ['DELETE', 400, false],
  ['PUT', 404, false],
  ['PATCH', 500, false],
  ['POST', 503, false],
  ['OPTIONS', 200, false],
  ['HEAD', 200, false],
]
t.test(
  'a success or redirection of an unsafe method drops its URL, an error does not (RFC 9111 4.4)',
  async t => {
    for (const [method, status, isGone] of methods) {
      const stage = await shop(t, status)
      await fetched(stage, ['/a', '/b'])
      t.equal((await stage.ask('/a', { ...host, method })).status, method === 'HEAD' ? 200 : status)
      t.strictSame(await fetched(stage, ['/a', '/b']), isGone ? ['/a'] : [], `${method} ${status}`)
    }
  },
)

t.test('a method that nobody knows counts as unsafe (RFC 9111 4.4)', onUws, async t => {
  const origin = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const statuses: string[] = []
  for (const method of ['GET', 'GET', 'FROB', 'GET']) {
    const client = await connectRaw(edge.port)
    client.write(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`)
    const answer = await client.until('\r\n\r\nok')
    statuses.push(/cache-status: naij; ([^\r;]*)/i.exec(answer)?.[1] ?? '')
    client.socket.destroy()
  }
  t.strictSame(statuses, ['fwd=uri-miss', 'hit', 'fwd=method', 'fwd=uri-miss'])
})

const references: [row: string, headers: Record<string, string | string[]>, gone: string[]][] = [
  ['an absolute path', { Location: '/list' }, ['/list']],
  ['a relative path', { 'Content-Location': '../list' }, ['/list']],
  ['a query alone', { Location: '?page=2' }, ['/shop/cart?page=2']],
  ['an absolute URL', { Location: 'http://shop.example/list' }, ['/list']],
  ['the port of the scheme', { Location: 'http://SHOP.example:80/list#top' }, ['/list']],
  [
    'both fields',
    { Location: '/list', 'Content-Location': '/shop/cart?page=2' },
    ['/shop/cart?page=2', '/list'],
  ],
  ['another host', { Location: 'http://other.example/list' }, []],
  ['another port', { 'Content-Location': 'http://shop.example:8080/list' }, []],
  ['another scheme', { Location: 'https://shop.example/list' }, []],
  ['a host alone that is another', { Location: '//other.example/list' }, []],
  ['no reference at all', { Location: 'http://[' }, []],
]
t.test('Location and Content-Location on this origin are dropped too (RFC 9111 4.4)', async t => {
  for (const [row, headers, gone] of references) {
    const stage = await shop(t, 201, headers)
    const targets = ['/shop/cart', '/shop/cart?page=2', '/list']
    await fetched(stage, targets)
    await stage.ask('/shop/cart', { ...host, method: 'POST' })
    t.strictSame(await fetched(stage, targets), ['/shop/cart', ...gone], row)
  }
})

t.test('a URL of a host with a port is told from that of the same host without', async t => {
  const stage = await shop(t, 201, { Location: 'http://shop.example:8080/list' })
  const there = { host: 'shop.example:8080' }
  for (const headers of [host.headers, there]) await fetched(stage, ['/list'], headers)
  await stage.ask('/cart', { ...host, method: 'POST' })
  t.strictSame(await fetched(stage, ['/list'], there), [], 'another origin is left alone')
  await stage.ask('/cart', { headers: there, method: 'POST' })
  t.strictSame(await fetched(stage, ['/list'], there), ['/list'])
  t.strictSame(await fetched(stage, ['/list']), [])
})

t.test('what is dropped is what the query policy makes of it (http-rules.md 13)', async t => {
  const headers = { Location: '/list?utm_campaign=x&b=2' }
  const stage = await shop(t, 201, headers, { cache: { query: { drop: ['utm_*'] } } })
  const targets = ['/cart?a=1', '/list?b=2', '/list']
  await fetched(stage, targets)
  await stage.ask('/cart?utm_source=y&a=1', { ...host, method: 'POST' })
  t.strictSame(await fetched(stage, targets), ['/cart?a=1', '/list?b=2'])
})

t.test('all variants of a URL are dropped, and none comes back with a new one', async t => {
  const stage = await play(t, (request, response) => {
    response.writeHead(200, { ...minute, Vary: 'X-Side' })
    response.end(`${request.headers['x-side']} ${stage.origin.asked.length}`)
  })
  const side = (name: string) => stage.ask('/a', { headers: { ...host.headers, 'x-side': name } })
  for (const name of ['left', 'right']) await side(name)
  t.equal((await side('left')).text, 'left 1')
  await stage.ask('/a', { ...host, method: 'POST' })
  t.equal((await side('left')).text, 'left 4')
  t.equal((await side('right')).text, 'right 5')
  t.equal((await side('left')).text, 'left 4', 'and is a hit')
})

t.test('what was asked for before is not stored after', async t => {
  let held: ServerResponse | undefined
  const stage = await play(t, (request, response) => {
    if (request.method === 'GET' && held === undefined) held = response
    else always(200, minute, 'after')(request, response)
  })
  const before = stage.ask('/a', host)
  await until(() => held !== undefined)
  await stage.ask('/a', { ...host, method: 'POST' })
  held?.writeHead(200, minute)
  held?.end('before')
  t.equal((await before).text, 'before', 'whoever asked before gets what it asked for')
  await stage.edge.idle()
  const reply = await stage.ask('/a', host)
  t.match(reply, { text: 'after', headers: { 'cache-status': /uri-miss/ } })
})

t.test('who asks after follows nobody who asked before', async t => {
  let held: ServerResponse | undefined
  const stage = await play(t, (request, response) => {
    if (request.method === 'GET' && held === undefined) held = response
    else always(200, minute, 'after')(request, response)
  })
  const before = stage.ask('/a', host)
  await until(() => held !== undefined)
  await stage.ask('/a', { ...host, method: 'POST' })
  t.equal((await stage.ask('/a', host)).text, 'after')
  held?.writeHead(200, minute)
  held?.end('before')
  t.equal((await before).text, 'before')
  await stage.edge.idle()
  const reply = await stage.ask('/a', host)
  t.equal(reply.text, 'after')
  t.match(cacheStatus(reply), /^hit/)
})

t.test('whoever asks at once does not get what is still being removed from the store', async t => {
  const stage = await play(t, always(200, minute, 'x'))
  const config = testConfig(t, [stage.origin.url])
  const { directory, bytesMax, fillBytesMax } = config.cache
  const options = { directory, bytesMax, writeQueueBytesMax: fillBytesMax, log: () => {} }
  const lmdb = openLmdbStore(options)
  // The disk stands still: what is written is not there until the play is over.
  let release = (): void => {}
  const stands = new Promise<void>(resolve => {
    release = resolve
  })
  let isSlow = false
  const slow = async (write: () => Promise<void>): Promise<void> => {
    if (isSlow) await stands
    return write()
  }
  const store = settledStore({
    get: (key, nowMs) => lmdb.get(key, nowMs),
    put: (key, record) => slow(() => lmdb.put(key, record)),
    remove: key => slow(() => lmdb.remove(key)),
    status: () => lmdb.status(),
    close: () => lmdb.close(),
  })
  const edge = await startEdge(t, config, store)
  const status = async () => cacheStatus(await get(edge.port, '/a', host))
  await status()
  await store.settled()
  t.match(await status(), /^hit/)
  isSlow = true
  await get(edge.port, '/a', { ...host, method: 'POST' })
  t.match(await status(), /^fwd=uri-miss/)
  release()
  await store.settled()
})
