// Plays: who asks for images, how, how many at once, and what else they may not.
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { signatureOf } from '../../optimise/image-request.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { connectRaw, get } from '../support/client.js'
import { formatOf, modern, original, stage } from '../support/image-stage.js'
import { distance, photograph } from '../support/images.js'
import { cacheStatus, until } from '../support/play.js'

t.test('a herd for one form of what is not stored yet: one fetch, one making', async t => {
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  const { ask, origin, workshop, edge } = await stage(t, { held })
  const herd = Array.from({ length: 100 }, () => ask('/a.jpg?w=120', modern))
  const plain = ask('/a.jpg')
  await until(() => edge.counters().active === 101)
  release()
  const replies = await Promise.all(herd)
  for (const reply of replies) t.strictSame(reply.body, replies[0]!.body)
  t.match(await formatOf(replies[0]!), { format: 'av1', width: 120 })
  t.strictSame((await plain).body, original, 'who wants the original gets it')
  t.equal(origin.asked.length, 1)
  t.match(workshop().totals().jobs, { 'image-avif made': 1 })
})

t.test('conditions are about the form', async t => {
  const { ask } = await stage(t)
  const { etag } = (await ask('/a.jpg?w=100')).headers
  t.match(await ask('/a.jpg?w=100', '*/*', { 'If-None-Match': etag! }), {
    status: 304,
    headers: { etag, vary: 'Accept' },
  })
  t.equal((await ask('/a.jpg?w=100', '*/*', { 'If-None-Match': '"v"' })).status, 200)
  const part = await ask('/a.jpg?w=100', '*/*', { Range: 'bytes=0-9' })
  t.equal(part.status, 200, 'no parts of what may be made better')
})

t.test('what stays hot is made better', async t => {
  const { ask, workshop } = await stage(t, { more: { optimise: { upgradeAfter: 2 } } })
  await ask('/a.jpg?w=200', modern)
  await until(async () => {
    await ask('/a.jpg?w=200', modern)
    return workshop().totals().jobs['image-avif improved'] === 1
  })
  t.match(await formatOf(await ask('/a.jpg?w=200', modern)), { format: 'av1', width: 200 })
})

t.test('what cannot be made is the original, or 503, as the site says', async t => {
  for (const whenBusy of ['original', 'refuse']) {
    const { ask } = await stage(t, {
      image: { whenBusy },
      more: { optimise: { jobMs: '100ms', threads: 1 } },
    })
    // A thread that has to begin with the library takes longer.
    const reply = await ask('/a.jpg?w=800&format=avif')
    if (whenBusy === 'refuse') t.match(reply, { status: 503, headers: { 'retry-after': '2' } })
    else t.strictSame(reply.body, original)
  }
})

const bad: [query: string, status: number][] = [
  ['w=0', 400],
  ['w=-1', 400],
  ['w=x', 400],
  ['w=', 400],
  ['w=5000', 400],
  ['w=4000&dpr=2', 400],
  ['w=10&dpr=9', 400],
  ['w=10&dpr=0.5', 400],
  ['w=10&fit=none', 400],
  ['w=10&format=bmp', 400],
  ['w=10&q=0', 400],
  ['w=10&q=1.5', 400],
  ['preset=none', 400],
]

t.test('what nobody may ask for is said, and nothing is fetched for it', async t => {
  const { ask, origin } = await stage(t)
  for (const [query, status] of bad) t.equal((await ask(`/a.jpg?${query}`)).status, status, query)
  t.equal(origin.asked.length, 0)
})

t.test('a site may allow some sides, or presets, or what it has signed, only', async t => {
  const sided = await stage(t, { image: { sides: [100, 200] } })
  t.equal((await sided.ask('/a.jpg?w=100')).status, 200)
  t.match(await sided.ask('/a.jpg?w=150'), { status: 400, text: /w is one of 100, 200/ })
  const presets = [{ name: 'card', w: 90, h: 90, q: 60, format: 'webp' }]
  const preset = await stage(t, { image: { presets, presetsOnly: true } })
  t.match(await formatOf(await preset.ask('/a.jpg?preset=card')), { format: 'webp', width: 90, height: 90 })
  t.equal((await preset.ask('/a.jpg?w=90')).status, 400)
  const secretFile = `${runDirectoryOf(t)}/secret`
  writeFileSync(secretFile, 'a secret\n')
  const signed = await stage(t, { image: { secretFile } })
  const sign = (own: Record<string, string>, target = '/a.jpg') => {
    const named = new Map(Object.entries(own))
    const sig = signatureOf(target, named, Buffer.from('a secret'))
    return `${target}?${[...named, ['sig', sig]].map(([name, value]) => `${name}=${value}`).join('&')}`
  }
  t.equal((await signed.ask(sign({ w: '100' }))).status, 200)
  t.equal((await signed.ask(sign({ w: '100', exp: '99999999999' }))).status, 200)
  t.match(await signed.ask(sign({ w: '100', exp: '1' })), { status: 403, text: /expired/ })
  t.match(await signed.ask('/a.jpg?w=100'), { status: 403, text: /signature/ })
  t.equal((await signed.ask(sign({ w: '100' }).replace('w=100', 'w=101'))).status, 403)
  t.equal((await signed.ask(sign({ w: '100' }).replace('/a.jpg', '/b.jpg'))).status, 403)
  t.equal((await signed.ask('/a.jpg')).status, 200, 'the original is free')
})

t.test('clients that save data, and those that say how wide it is', async t => {
  const { ask } = await stage(t, { image: { saveData: true, clientHints: true } })
  const full = await ask('/a.jpg?w=200', '*/*')
  t.equal(full.headers.vary, 'Accept, sec-ch-dpr, save-data')
  const saved = await ask('/a.jpg?w=200', '*/*', { 'Save-Data': 'on' })
  t.ok(saved.body.length < full.body.length)
  const hinted = await ask('/a.jpg?q=70', '*/*', { 'Sec-CH-Width': '320', 'Sec-CH-DPR': '2' })
  t.match(await formatOf(hinted), { width: 320 })
})

t.test('a change of the original changes its forms', async t => {
  const { ask, origin, edge } = await stage(t)
  const first = await ask('/a.jpg?w=100')
  await get(edge.port, '/a.jpg', { method: 'POST', body: 'x' })
  const other = await photograph(400, 400).negate().jpeg().toBuffer()
  origin.script = (_, response) =>
    response
      .writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=60', ETag: '"w"' })
      .end(other)
  const second = await ask('/a.jpg?w=100')
  t.match(await formatOf(second), { width: 100, height: 100 })
  t.notSame(second.body, first.body)
})

t.test('when all who wait for a form have left it is not made, unless it is being made', async t => {
  const { edge, ask, workshop } = await stage(t)
  // Who waits for a fetch as well is not noticed to leave: its connection is not read meanwhile.
  await until(async () => /^hit/.test(cacheStatus(await ask('/a.jpg'))))
  const clients = await Promise.all(
    Array.from({ length: 12 }, (_, at) => 700 + at).map(async width => {
      const client = await connectRaw(edge.port)
      client.write(`GET /a.jpg?w=${width}&format=avif HTTP/1.1\r\nHost: localhost:${edge.port}\r\n\r\n`)
      return client
    }),
  )
  await until(() => workshop().totals().queued > 5)
  for (const client of clients) client.socket.resetAndDestroy()
  await until(() => (workshop().totals().jobs['image-avif cancelled'] ?? 0) > 0)
  await until(() => workshop().totals().queued + workshop().totals().running === 0)
  t.equal(
    (await ask('/a.jpg?w=711&format=avif')).headers['content-type'],
    'image/avif',
    'who comes later gets it',
  )
})

t.test('a small one of a large original is made of what was made of it', async t => {
  const body = await photograph(1_600, 1_200).png({ compressionLevel: 1 }).toBuffer()
  t.ok(body.length > 1024 * 1024)
  const { ask } = await stage(t, { body, type: 'image/png' })
  await ask('/a.png?w=800&format=webp')
  const small = await ask('/a.png?w=200&format=webp')
  t.match(await formatOf(small), { format: 'webp', width: 200, height: 150 })
  t.ok((await distance(body, small.body)) < 8)
})
