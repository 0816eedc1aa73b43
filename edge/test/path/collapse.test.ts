// http-rules.md K 37, 38: many requests for one response that is not there, one request to the origin.
import type { IncomingMessage, ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { connectRaw, type RawClient, type Reply, type Request } from '../support/client.js'
import { cacheStatus, digest, noise, type Play, play, until } from '../support/play.js'

const fresh = { 'Cache-Control': 'max-age=60' }

interface Held {
  request: IncomingMessage
  response: ServerResponse
}

interface Herd extends Play {
  /** What the origin was asked and has not answered, in order: the play answers. */
  held: Held[]
  /** So many requests at once; resolves with their replies to come when the edge has accepted all of them. */
  herd(count: number, asked?: (at: number) => Request): Promise<Promise<Reply>[]>
  asks(count: number): Promise<void>
}

async function herdOf(t: Test, cache: Record<string, unknown> = {}, more = {}): Promise<Herd> {
  const held: Held[] = []
  const stage = await play(t, (request, response) => void held.push({ request, response }), {
    site: { cache },
    more,
  })
  // The same host as `rawGet` names: it is part of the key.
  const ask = (target: string, asked: Request = {}): Promise<Reply> =>
    stage.ask(target, { ...asked, headers: { host: 'a', ...asked.headers } })
  const accepted = (): number => stage.edge.counters().active + stage.edge.counters().requests
  return {
    ...stage,
    ask,
    held,
    asks: count => until(() => held.length === count),
    herd: async (count, asked = () => ({})) => {
      const before = accepted()
      const replies: Promise<Reply>[] = []
      for (let at = 0; at < count; at += 1) {
        replies.push(ask('/', asked(at)))
        // One after the other, so that the first one leads.
        await until(() => accepted() === before + at + 1)
      }
      return replies
    },
  }
}

async function rawGet(port: number, lines = ''): Promise<RawClient> {
  const client = await connectRaw(port)
  client.write(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`)
  return client
}

t.test('37: one request for all, who stream it from its first byte, and later ones hit', async t => {
  const { edge, origin, held, herd, ask, asks } = await herdOf(t)
  const replies = await herd(100)
  await asks(1)
  const { response } = held[0]
  response.writeHead(200, fresh).write('first')
  const late = await rawGet(edge.port)
  t.match(await late.until('first'), /\r\nCache-Status: naij; fwd=uri-miss; collapsed\r\n/)
  response.end(' and last')
  const said = (await Promise.all(replies)).map(reply => {
    t.match(reply, { status: 200, text: 'first and last' })
    return cacheStatus(reply)
  })
  await late.until('last')
  t.match(said[0], /^fwd=uri-miss; fwd-status=200; stored$/)
  t.strictSame(new Set(said.slice(1)), new Set(['fwd=uri-miss; collapsed']))
  t.match(cacheStatus(await ask('/')), /^hit/)
  t.equal(origin.asked.length, 1)
  await edge.idle()
  t.match(edge.counters(), { originRequests: 1, results: { miss: 1, collapsed: 100, hit: 1 } })
})

t.test('37: what comes between the last byte and the store still shares it', async t => {
  const { origin, held, herd, ask, asks } = await herdOf(t)
  const [first] = await herd(1)
  await asks(1)
  held[0].response.writeHead(200, fresh).end('x')
  await first
  const replies = await Promise.all(Array.from({ length: 20 }, () => ask('/')))
  for (const reply of replies) t.match(cacheStatus(reply), /^hit|collapsed$/)
  t.equal(origin.asked.length, 1)
})

t.test('37: what is not for all releases who waits at once, and the next herd is not collapsed', async t => {
  const { held, herd, asks } = await herdOf(t)
  const replies = await herd(10, at => ({ headers: { 'X-At': `x\xe9y${at}` } }))
  await asks(1)
  held[0].response.writeHead(200, { 'Cache-Control': 'private' }).end('for the first')
  await asks(10)
  const names = held.map(({ request }) => request.headers['x-at'])
  t.strictSame(
    new Set(names),
    new Set(Array.from({ length: 10 }, (_, at) => `x\xe9y${at}`)),
    'fields as sent',
  )
  for (const { request, response } of held.slice(1)) {
    response
      .writeHead(200, { 'Cache-Control': 'private' })
      .end(`for ${String(request.headers['x-at']).slice(3)}`)
  }
  const answers = await Promise.all(replies)
  t.strictSame(
    answers.map(({ text }) => text),
    ['for the first', ...answers.slice(1).map((_, at) => `for ${at + 1}`)],
  )
  t.match(cacheStatus(answers[0]), /^fwd=uri-miss; fwd-status=200; detail=private$/)
  t.match(cacheStatus(answers[1]), /^fwd=uri-miss; fwd-status=200; collapsed=\?0; detail=private$/)
  const next = await herd(5)
  await asks(15)
  for (const { response } of held.slice(10)) response.writeHead(200, fresh).end('x')
  await Promise.all(next)
})

t.test('37: who selects another variant than the one that came asks itself', async t => {
  const { origin, held, herd, asks } = await herdOf(t)
  const languages = ['fr', 'fr', 'en', 'en']
  const replies = await herd(4, at => ({ headers: { 'accept-language': languages[at] } }))
  await asks(1)
  held[0].response.writeHead(200, { ...fresh, Vary: 'Accept-Language' }).end('fr')
  await asks(3)
  for (const { response } of held.slice(1))
    response.writeHead(200, { ...fresh, Vary: 'Accept-Language' }).end('en')
  t.strictSame(
    (await Promise.all(replies)).map(({ text }) => text),
    languages,
  )
  t.equal(origin.asked.length, 3)
})

t.test('37: a request with Authorization neither leads nor follows for what is not there', async t => {
  const { held, herd, asks } = await herdOf(t)
  const isSecret = (at: number) => at % 2 === 0
  const replies = await herd(4, at => (isSecret(at) ? { headers: { authorization: `Basic ${at}` } } : {}))
  await asks(3)
  const open = held.find(({ request }) => request.headers.authorization === undefined)
  open?.response.writeHead(200, fresh).end('open')
  for (const { request, response } of held) {
    const { authorization } = request.headers
    if (authorization !== undefined) response.writeHead(200, fresh).end(authorization)
  }
  t.strictSame(
    (await Promise.all(replies)).map(({ text }) => text),
    ['Basic 0', 'open', 'Basic 2', 'open'],
  )
})

t.test('37: HEAD follows a GET and gets its head at once; it never leads', async t => {
  const { origin, held, herd, asks } = await herdOf(t)
  const replies = await herd(4, at => ({ method: at % 2 === 1 ? 'HEAD' : 'GET' }))
  await asks(1)
  held[0].response.writeHead(200, { ...fresh, 'Content-Length': 4, ETag: '"a"' }).write('ab')
  for (const at of [1, 3]) {
    const reply = await replies[at]
    t.match(reply, { status: 200, text: '', headers: { 'content-length': '4', etag: '"a"' } })
    t.equal(cacheStatus(reply), 'fwd=uri-miss; collapsed')
  }
  held[0].response.end('cd')
  await Promise.all(replies)
  t.equal(origin.asked.length, 1)
  const alone = await herdOf(t)
  const heads = await alone.herd(3, () => ({ method: 'HEAD' }))
  await alone.asks(3)
  for (const { response } of alone.held) response.writeHead(200, fresh).end()
  await Promise.all(heads)
})

t.test('37: a HEAD that followed in vain asks itself', async t => {
  const { held, herd, asks } = await herdOf(t)
  const replies = await herd(2, at => ({ method: at === 0 ? 'GET' : 'HEAD' }))
  await asks(1)
  held[0].response.writeHead(200, { 'Cache-Control': 'no-store' }).end('x')
  await asks(2)
  t.equal(held[1].request.method, 'HEAD')
  held[1].response.writeHead(404).end()
  t.strictSame(
    (await Promise.all(replies)).map(({ status }) => status),
    [200, 404],
  )
})

t.test('37: a follower that has it already gets 304, statuses without a body none', async t => {
  const { held, herd, asks } = await herdOf(t)
  const replies = await herd(3, at => (at === 1 ? { headers: { 'if-none-match': '"a"' } } : {}))
  await asks(1)
  held[0].response.writeHead(200, { ...fresh, ETag: '"a"' }).end('abc')
  const [, cached, other] = await Promise.all(replies)
  t.match(cached, { status: 304, text: '', headers: { etag: '"a"' } })
  t.match(other, { status: 200, text: 'abc' })
  const empty = await herdOf(t)
  const nothing = await empty.herd(3)
  await empty.asks(1)
  empty.held[0].response.writeHead(204, fresh).end()
  for (const reply of nothing) t.match(await reply, { status: 204, text: '' })
  t.equal(empty.origin.asked.length, 1)
})

t.test('37: the fetch that fails is taken over by the first who waits', async t => {
  const { held, herd, asks } = await herdOf(t)
  const replies = await herd(20)
  await asks(1)
  held[0].request.socket.destroy()
  // A GET is tried once more when its connection is closed under it.
  await asks(2)
  held[1].request.socket.destroy()
  await asks(3)
  held[2].response.writeHead(200, fresh).end('at last')
  const [first, ...others] = await Promise.all(replies)
  t.equal(first.status, 502)
  for (const reply of others) t.match(reply, { status: 200, text: 'at last' })
  t.equal(held.length, 3)
})

t.test('37: an origin that fails again and again is not asked by each of a herd', async t => {
  const { edge, origin, held, herd, asks } = await herdOf(t)
  const replies = await herd(50)
  await asks(1)
  await origin.stop()
  held[0].request.socket.destroy()
  for (const reply of await Promise.all(replies)) t.match(reply.status, 502)
  await edge.idle()
  t.ok(edge.counters().originRequests <= 3, `${edge.counters().originRequests}`)
})

t.test('37: nobody waits longer than collapseWaitMs', async t => {
  const { held, herd, asks } = await herdOf(t, { collapseWaitMs: '50ms' })
  const replies = await herd(3)
  await asks(3)
  held[2].response.writeHead(200, fresh).end('third')
  held[1].response.writeHead(200, fresh).end('second')
  held[0].response.writeHead(200, fresh).end('first')
  t.strictSame((await Promise.all(replies)).map(({ text }) => text).sort(), ['first', 'second', 'third'])
})

t.test('37: no more than followersMax wait, and none where the site does not collapse', async t => {
  for (const [cache, count] of [
    [{ followersMax: 2 }, 3],
    [{ collapse: false }, 5],
  ] as const) {
    const { held, herd, asks } = await herdOf(t, cache)
    const replies = await herd(5)
    await asks(count)
    for (const { response } of held) response.writeHead(200, fresh).end('x')
    for (const reply of await Promise.all(replies)) t.match(reply, { status: 200, text: 'x' })
    t.equal(held.length, count)
  }
})

t.test('38: clients that leave, the first one too, end nothing that others want', async t => {
  const { edge, held, ask, asks } = await herdOf(t)
  const leader = await rawGet(edge.port)
  await asks(1)
  const [stays, leaves] = [await rawGet(edge.port), await rawGet(edge.port)]
  await until(() => edge.counters().active === 3)
  held[0].response.writeHead(200, fresh).write('one')
  for (const client of [leader, stays, leaves]) await client.until('one')
  leader.socket.destroy()
  leaves.socket.destroy()
  // A client that waits is not read from: that it has left shows when it is written to.
  await until(() => held[0].response.write('.') && edge.counters().active === 1)
  held[0].response.end('two')
  t.match(await stays.until('two'), /one\r\n.*\r\ntwo/s)
  t.match(cacheStatus(await ask('/')), /^hit/)
})

t.test('38: when all have left, a fill is stored all the same', async t => {
  const { edge, origin, held, ask, asks } = await herdOf(t)
  const clients = [await rawGet(edge.port), await rawGet(edge.port)]
  await asks(1)
  await until(() => edge.counters().active === 2)
  held[0].response.writeHead(200, fresh).write('one')
  for (const client of clients) await client.until('one')
  for (const client of clients) client.socket.destroy()
  await until(() => held[0].response.write('.') && edge.counters().active === 0)
  held[0].response.end('two')
  await until(async () => /^hit/.test(cacheStatus(await ask('/'))))
  t.equal(origin.asked.length, 1)
})

t.test(
  '37: too large for the store: all get every byte, the slow one does not make it cost memory',
  async t => {
    const { edge, origin, held, herd, asks } = await herdOf(t, {}, { limits: { stalledBytesMax: '2MiB' } })
    const body = noise(16 * 1024 * 1024)
    const replies = await herd(4)
    const slow = await rawGet(edge.port)
    slow.socket.pause()
    await until(() => edge.counters().active === 5)
    await asks(1)
    let sent = 0
    const { response } = held[0]
    response.writeHead(200, fresh)
    const send = (): void => {
      while (sent < body.length) {
        const mayGoOn = response.write(body.subarray(sent, sent + 100_000))
        sent += 100_000
        if (!mayGoOn) return void response.once('drain', send)
      }
      response.end()
    }
    send()
    let [last, since] = [0, performance.now()]
    await until(() => {
      if (sent !== last) [last, since] = [sent, performance.now()]
      return performance.now() - since > 100
    })
    t.ok(sent < body.length, `the origin waits after ${sent} bytes`)
    slow.socket.resume()
    for (const reply of await Promise.all(replies)) t.equal(digest(reply.body), digest(body))
    await until(() => slow.socket.bytesRead > body.length && slow.received().endsWith('\r\n0\r\n\r\n'))
    t.equal(origin.asked.length, 1)
    await edge.idle()
    t.equal(edge.counters().clientAborts, 0)
  },
)

t.test('37: an answer that breaks off is nobody’s whole answer, and is not stored', async t => {
  const { held, herd, asks, origin, ask } = await herdOf(t)
  const replies = (await herd(5)).map(reply => reply.then(() => 'whole').catch(() => 'cut'))
  await asks(1)
  held[0].response.writeHead(200, fresh).write('half')
  await new Promise(resolve => setImmediate(resolve))
  held[0].response.destroy()
  t.strictSame(await Promise.all(replies), Array(5).fill('cut'))
  origin.script = (_, response) => void response.writeHead(200, fresh).end('whole')
  t.match(await ask('/'), { text: 'whole' })
})

const expired = { 'Cache-Control': 'max-age=10, stale-if-error=60', Age: '15', ETag: '"v"' }

t.test('37: one validation for all who want what has expired', async t => {
  const { held, herd, asks } = await herdOf(t)
  const [first] = await herd(1)
  await asks(1)
  held[0].response.writeHead(200, expired).end('old')
  await first
  const replies = await herd(10, at => (at === 3 ? { headers: { range: 'bytes=1-' } } : {}))
  await asks(2)
  t.equal(held[1].request.headers['if-none-match'], '"v"')
  held[1].response.writeHead(304, { ...fresh, ETag: '"v"' }).end()
  const answers = await Promise.all(replies)
  for (const [at, reply] of answers.entries()) {
    t.match(reply, at === 3 ? { status: 206, text: 'ld' } : { status: 200, text: 'old' })
    t.equal(cacheStatus(reply), at === 0 ? 'fwd=stale; fwd-status=304; stored' : 'fwd=stale; collapsed')
  }
  t.equal(held.length, 2)
})

t.test('37: one failure for all who may have it stale, and none for who may not', async t => {
  const { edge, held, herd, asks } = await herdOf(t)
  const [first] = await herd(1)
  await asks(1)
  held[0].response.writeHead(200, expired).end('old')
  await first
  const replies = await herd(10)
  await asks(2)
  held[1].response.writeHead(503).end()
  for (const [at, reply] of (await Promise.all(replies)).entries()) {
    t.match(reply, { status: 200, text: 'old' })
    const said =
      at === 0 ? /^fwd=stale; fwd-status=503; ttl=-\d+; detail=status-503$/ : /^fwd=stale; collapsed; detail=status-503$/
    t.match(cacheStatus(reply), said)
  }
  await edge.idle()
  t.equal(held.length, 2)
})

t.test('37: a validation that brings what is for one releases the others', async t => {
  const { held, herd, asks } = await herdOf(t)
  const [first] = await herd(1)
  await asks(1)
  held[0].response.writeHead(200, expired).end('old')
  await first
  const replies = await herd(3)
  await asks(2)
  held[1].response.writeHead(304, { 'Cache-Control': 'private', ETag: '"v"' }).end()
  await asks(4)
  for (const { response } of held.slice(2)) response.writeHead(200, { 'Cache-Control': 'private' }).end('new')
  t.strictSame((await Promise.all(replies)).map(({ text }) => text).sort(), ['new', 'new', 'old'])
})
