// http-rules.md K 37 over two workers of one host: one request to the origin for both, and what becomes of those who wait
// in the other one. One edge leads, the other waits until the answer is in the store. Processes: collapse.play.test.ts.
import t from 'tap'
import { needsAddon } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { hostOf, type Sent } from '../support/host.js'
import { cacheStatus, until } from '../support/play.js'
import { snapshotStore } from '../support/snapshot-store.js'

async function answersOf(sent: Sent[]) {
  return Promise.all(sent.map(async ({ reply }) => (await reply).text))
}

async function saidOf(sent: Sent[]) {
  return Promise.all(sent.map(async ({ reply }) => cacheStatus(await reply)))
}

t.test('37: those who wait elsewhere get what was stored, as those who wait here', needsAddon, async t => {
  const { edges, origin, held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(0), await send(1), await send(1)]
  await asks(1)
  held[0].response.writeHead(200, fresh).end('for all')
  t.strictSame(await answersOf(sent), Array(4).fill('for all'))
  const [first, ...others] = await saidOf(sent)
  t.equal(first, 'fwd=uri-miss; fwd-status=200; stored')
  t.strictSame(others, Array(3).fill('fwd=uri-miss; collapsed'))
  const [again] = await saidOf([await send(1)])
  t.match(again, /^hit/)
  t.equal(origin.asked.length, 1)
  await edges[1].idle()
  t.match(edges[1].counters(), { originRequests: 0, results: { collapsed: 2, hit: 1 } })
})

t.test('37: what has to be validated is validated once for both', needsAddon, async t => {
  // The first answer is not for others as it is; that is not to be remembered here.
  const { held, send, asks } = await hostOf(t, { cache: { unsharedMs: '0ms' } })
  const validated = { 'Cache-Control': 'no-cache', ETag: '"1"' }
  const [only] = [await send(0)]
  await asks(1)
  held[0].response.writeHead(200, validated).end('body')
  await only.reply
  const sent = [await send(1), await send(0), await send(0)]
  await asks(2)
  t.equal(held[1].request.headers['if-none-match'], '"1"')
  // Now it may be used without asking again: else each would have to ask.
  held[1].response.writeHead(304, { ...fresh, ETag: '"1"' }).end()
  t.strictSame(await answersOf(sent), Array(3).fill('body'))
  t.strictSame((await saidOf(sent)).slice(1), Array(2).fill('fwd=stale; collapsed'))
  t.equal(held.length, 2)
})

t.test('37: what is not for all releases who waits elsewhere too, all at once', needsAddon, async t => {
  for (const unsharedMs of ['1s', '0ms']) {
    const { held, send, asks } = await hostOf(t, { cache: { unsharedMs } })
    const sent = [await send(0), await send(1), await send(1), await send(1)]
    await asks(1)
    held[0].response.writeHead(200, { 'Cache-Control': 'private' }).end('0')
    await asks(4)
    for (const [at, { response }] of held.slice(1).entries()) {
      response.writeHead(200, { 'Cache-Control': 'private' }).end(`${at + 1}`)
    }
    t.strictSame((await answersOf(sent)).sort(), ['0', '1', '2', '3'])
    t.match((await saidOf(sent)).at(-1), /collapsed=\?0/)
  }
})

t.test('37: what grows too large for the store releases who waits elsewhere', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(1), await send(1)]
  await asks(1)
  const large = Buffer.alloc(12 * 1024 * 1024, 'x')
  // Without a length nobody knows until it has come; the last byte is held back.
  held[0].response.writeHead(200, fresh).write(large)
  await asks(3)
  for (const { response } of held.slice(1)) response.writeHead(200, fresh).end('small')
  held[0].response.end()
  t.strictSame(
    (await answersOf(sent)).map(text => text.length),
    [large.length, 5, 5],
  )
})

t.test('37: the fetch that fails is taken over by who waits elsewhere', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t)
  const first = await send(0)
  const sent = [await send(1), await send(1)]
  await asks(1)
  held[0].request.socket.destroy()
  await asks(2)
  held[1].request.socket.destroy()
  await asks(3)
  held[2].response.writeHead(200, fresh).end('at last')
  t.equal((await first.reply).status, 502)
  t.strictSame(await answersOf(sent), ['at last', 'at last'])
  t.equal(held.length, 3)
})

t.test('37: an origin that is gone is not asked for ever', needsAddon, async t => {
  const { edges, origin, held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(0), await send(1), await send(1), await send(1)]
  await asks(1)
  await origin.stop()
  held[0].request.socket.destroy()
  for (const { reply } of sent) t.equal((await reply).status, 502)
  for (const edge of edges) await edge.idle()
  const asked = edges[0].counters().originRequests + edges[1].counters().originRequests
  t.ok(asked <= 4, `${asked}`)
})

t.test('37: nobody waits longer than collapseWaitMs for another worker', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t, { cache: { collapseWaitMs: '50ms' } })
  const sent = [await send(0), await send(1), await send(1)]
  await asks(3)
  for (const { response } of held) response.writeHead(200, fresh).end('own')
  t.strictSame(await answersOf(sent), ['own', 'own', 'own'])
})

t.test('37: beyond followersMax they ask themselves', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t, { cache: { followersMax: 1 } })
  const sent = [await send(0), await send(1), await send(1)]
  await asks(2)
  for (const { response } of held) response.writeHead(200, fresh).end('own')
  t.strictSame(await answersOf(sent), ['own', 'own', 'own'])
})

t.test('37: a site that does not collapse does not, nor what has credentials', needsAddon, async t => {
  const apart = await hostOf(t, { cache: { collapse: false } })
  const sent = [await apart.send(0), await apart.send(1)]
  await apart.asks(2)
  for (const { response } of apart.held) response.writeHead(200, fresh).end('own')
  t.strictSame(await answersOf(sent), ['own', 'own'])

  const { held, send, asks } = await hostOf(t)
  const mixed = [await send(0), await send(1, '/', { headers: { authorization: 'Basic eDp5' } })]
  await asks(2)
  for (const { response } of held) response.writeHead(200, fresh).end('own')
  t.strictSame(await answersOf(mixed), ['own', 'own'])
})

t.test('37: who selects another variant than the one that came asks for it', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t)
  const varied = { ...fresh, Vary: 'Accept-Encoding' }
  const headers = { 'accept-encoding': 'br' }
  const sent = [await send(0), await send(1, '/', { headers }), await send(1)]
  await asks(1)
  held[0].response.writeHead(200, varied).end('plain')
  await asks(2)
  t.equal(held[1].request.headers['accept-encoding'], 'br')
  held[1].response.writeHead(200, varied).end('brotli')
  t.strictSame(await answersOf(sent), ['plain', 'brotli', 'plain'])
})

t.test('37: HEAD waits with the others of its worker, and never leads for another', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(1), await send(1, '/', { method: 'HEAD' })]
  await asks(1)
  held[0].response.writeHead(200, fresh).end('for all')
  t.strictSame(await answersOf(sent), ['for all', 'for all', ''])
  const head = await sent[2].reply
  t.match(head, { status: 200, headers: { 'content-length': '7' } })
  t.equal(cacheStatus(head), 'fwd=uri-miss; collapsed')
  const alone = await send(1, '/other', { method: 'HEAD' })
  const other = await send(0, '/other')
  await asks(3)
  for (const { response } of held.slice(1)) response.writeHead(200, fresh).end()
  t.strictSame(await answersOf([alone, other]), ['', ''])
})

t.test('37: a HEAD that waited for what was not for all asks itself', needsAddon, async t => {
  const { held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(1), await send(1, '/', { method: 'HEAD' })]
  await asks(1)
  held[0].response.writeHead(200, { 'Cache-Control': 'no-store' }).end('one')
  await asks(3)
  t.strictSame(
    held
      .slice(1)
      .map(({ request }) => request.method)
      .sort(),
    ['GET', 'HEAD'],
  )
  for (const { response } of held.slice(1)) response.writeHead(200).end()
  t.strictSame(await answersOf(sent), ['one', '', ''])
})

t.test('one refresh behind stale answers for both', needsAddon, async t => {
  const { edges, held, send, asks } = await hostOf(t)
  const stale = { 'Cache-Control': 'max-age=0, stale-while-revalidate=60' }
  const first = await send(0)
  await asks(1)
  held[0].response.writeHead(200, stale).end('old')
  await first.reply
  await edges[0].idle()
  const served = [await send(0), await send(1), await send(1), await send(0)]
  t.strictSame(await answersOf(served), ['old', 'old', 'old', 'old'])
  await asks(2)
  held[1].response.writeHead(200, fresh).end('new')
  await until(async () => (await (await send(1)).reply).text === 'new')
  t.equal(held.length, 2)
})

t.test('a worker that drains leaves the host when its fetches have ended', needsAddon, async t => {
  const { edges, held, send, asks } = await hostOf(t)
  const sent = [await send(0), await send(1)]
  await asks(1)
  const drained = edges[0].stop()
  held[0].response.writeHead(200, fresh).end('for all')
  t.strictSame(await answersOf(sent), ['for all', 'for all'])
  await drained
  const alone = await send(1, '/later')
  await asks(2)
  held[1].response.writeHead(200, { 'Cache-Control': 'no-store' }).end('alone')
  t.strictSame(await answersOf([alone]), ['alone'])
})

t.test('37: who is to ask looks once more: another may have stored it a moment ago', needsAddon, async t => {
  const { store, late, freeze } = snapshotStore(['http play a/'])
  const { edges, held, send, asks } = await hostOf(t, {}, [store, late])
  // The second one sees nothing of what the first one stores, and the key is free by then.
  freeze()
  const first = await send(0)
  await asks(1)
  held[0].response.writeHead(200, fresh).end('stored')
  await first.reply
  await until(async () => /^hit/.test((await saidOf([await send(0)]))[0]))
  const [said] = await saidOf([await send(1)])
  t.match(said, /^hit/)
  t.equal(held.length, 1)
  await edges[1].idle()
  t.match(edges[1].counters(), { originRequests: 0, results: { hit: 1 } })
})

t.test('a refresh that another worker has just made is not made again', needsAddon, async t => {
  const { store, late, freeze } = snapshotStore(['http play a/'])
  const { edges, held, send, asks } = await hostOf(t, {}, [store, late])
  const stale = { 'Cache-Control': 'max-age=0, stale-while-revalidate=60' }
  const first = await send(0)
  await asks(1)
  held[0].response.writeHead(200, stale).end('old')
  await first.reply
  await until(() => store.get('http play a/') !== undefined)
  freeze()
  t.strictSame(await answersOf([await send(0)]), ['old'])
  await asks(2)
  held[1].response.writeHead(200, fresh).end('new')
  await until(async () => (await (await send(0)).reply).text === 'new')
  t.strictSame(await answersOf([await send(1), await send(1)]), ['old', 'new'])
  await edges[1].idle()
  t.match(edges[1].counters(), { originRequests: 0 })
})
