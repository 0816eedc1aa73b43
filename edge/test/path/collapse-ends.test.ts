// http-rules.md K 37, 38: what becomes of those who wait when the fetch fails, is late, too large or only a validation, and
// of the fetch when they leave.
import t from 'tap'
import { fresh, herdOf, rawGet } from '../support/herd.js'
import { cacheStatus, digest, noise, until } from '../support/play.js'

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
      at === 0
        ? /^fwd=stale; fwd-status=503; ttl=-\d+; detail=status-503$/
        : /^fwd=stale; collapsed; detail=status-503$/
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
