// http-rules.md K 37: many requests for one response that is not there, one request to the origin.
import t from 'tap'
import { fresh, herdOf, rawGet } from '../support/herd.js'
import { cacheStatus } from '../support/play.js'

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
