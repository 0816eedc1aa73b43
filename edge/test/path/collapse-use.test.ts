// What one answer may be used for several requests for, and what becomes of the older one (RFC 9111 4).
import t from 'tap'
import { fresh, herdOf } from '../support/herd.js'
import { always, cacheStatus, inTurn, play, until } from '../support/play.js'

const unusable = ['no-cache', 'max-age=0', 'max-age=0, must-revalidate', 's-maxage=0']

for (const cacheControl of unusable) {
  t.test(
    `RFC 9111 5.2.2 ${cacheControl}: every request is validated, one after the other or at once`,
    async t => {
      const { origin, held, herd, asks, ask } = await herdOf(t)
      origin.script = (request, response) => {
        const isKnown = request.headers['if-none-match'] === '"a"'
        response
          .writeHead(isKnown ? 304 : 200, { 'Cache-Control': cacheControl, ETag: '"a"' })
          .end(isKnown ? '' : 'x')
      }
      for (let turn = 1; turn <= 6; turn += 1) {
        t.match(await ask('/'), { status: 200, text: 'x' })
        t.equal(origin.asked.length, turn)
      }
      origin.script = (request, response) => void held.push({ request, response })
      const replies = await herd(3)
      await asks(3)
      for (const { response } of held)
        response.writeHead(304, { 'Cache-Control': cacheControl, ETag: '"a"' }).end()
      for (const reply of await Promise.all(replies)) t.match(reply, { status: 200, text: 'x' })
    },
  )
}

t.test('RFC 5861 3 what may be used while it is asked for anew is shared, and refreshed once', async t => {
  const { held, herd, asks } = await herdOf(t)
  const replies = await herd(5)
  await asks(1)
  held[0].response.writeHead(200, { 'Cache-Control': 'max-age=0, stale-while-revalidate=60' }).end('x')
  for (const reply of await Promise.all(replies)) t.match(reply, { status: 200, text: 'x' })
  t.equal(held.length, 1)
})

t.test('RFC 9111 5.2.1.4 no-cache of a client follows nobody where the site honours it', async t => {
  const { held, herd, asks } = await herdOf(t, { honourClientDirectives: true })
  const replies = await herd(2, at => (at === 1 ? { headers: { 'cache-control': 'no-cache' } } : {}))
  await asks(1)
  held[0].response.writeHead(200, fresh).end('first')
  await asks(2)
  held[1].response.writeHead(200, fresh).end('second')
  t.strictSame(
    (await Promise.all(replies)).map(({ text }) => text),
    ['first', 'second'],
  )
})

t.test('RFC 9111 3.5 an answer to Authorization does not end the use of what is stored for all', async t => {
  const old = { 'Cache-Control': 'max-age=10, stale-if-error=600', Age: '15', ETag: '"v"' }
  const { origin, ask } = await play(t, always(200, old, 'stored'))
  await ask('/')
  origin.script = always(304, { ETag: '"v"' })
  t.match(await ask('/', { headers: { authorization: 'Basic x' } }), { status: 200, text: 'stored' })
  origin.script = always(200, { ETag: '"w"' }, 'for one')
  t.match(await ask('/', { headers: { authorization: 'Basic x' } }), { text: 'for one' })
  origin.script = always(503, {})
  t.match(await ask('/'), { status: 200, text: 'stored' })
})

t.test('RFC 9111 4 a newer answer too large for the store ends the use of the older one', async t => {
  const large = Buffer.alloc(2 * 1024 * 1024, 'x').toString()
  for (const headers of [{ 'Content-Length': `${large.length}` }, {}]) {
    const old = { 'Cache-Control': 'max-age=10, stale-if-error=600', Age: '15' }
    const { ask } = await play(
      t,
      inTurn(always(200, old, 'old'), always(200, { ...fresh, ...headers }, large), always(503, {}, 'gone')),
    )
    await ask('/')
    t.equal((await ask('/')).text.length, large.length)
    t.match(await ask('/'), { status: 503, text: 'gone' })
  }
})

t.test('RFC 9111 4 an older answer that comes late does not replace a newer one', async t => {
  const { held, herd, asks, ask } = await herdOf(t, { collapseWaitMs: '50ms' })
  const [older, newer] = await herd(2)
  await asks(2)
  held[1].response.writeHead(200, fresh).end('newer')
  t.match(await newer, { text: 'newer' })
  await until(async () => /^hit/.test(cacheStatus(await ask('/'))))
  held[0].response.writeHead(200, fresh).end('older')
  t.match(await older, { text: 'older' })
  for (let turn = 0; turn < 20; turn += 1) t.match(await ask('/'), { text: 'newer' })
})

t.test('a slow reader that leads does not hold those who follow', async t => {
  const { edge, held, herd, asks } = await herdOf(t)
  const body = Buffer.alloc(900_000, 'x')
  const [leading, following] = await herd(2)
  await asks(1)
  held[0].response.writeHead(200, { ...fresh, 'Content-Length': body.length }).end(body)
  t.equal((await following).text.length, body.length)
  t.equal((await leading).text.length, body.length)
  await edge.idle()
})

t.test('RFC 9111 4.1 characters beyond bytes select a variant of their own', async t => {
  const { origin, ask } = await play(t, (request, response) => {
    response.writeHead(200, { ...fresh, Vary: 'X-Lang' })
    response.end(Buffer.from(String(request.headers['x-lang']), 'latin1'))
  })
  const raw = (text: string) => Buffer.from(text, 'utf8').toString('latin1')
  for (const value of ['xay', raw('xšy')]) {
    const asked = { headers: { 'x-lang': value } }
    t.equal((await ask('/', asked)).text, value)
    await until(async () => /^hit/.test(cacheStatus(await ask('/', asked))))
  }
  t.match(cacheStatus(await ask('/', { headers: { 'x-lang': 'xay' } })), /^hit/)
  t.ok(origin.asked.length >= 2)
})
