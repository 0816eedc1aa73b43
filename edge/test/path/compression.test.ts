// Plays: what is stored goes out in the coding that each client takes best; each is made once, and is the same bytes.
import type { RequestListener } from 'node:http'
import zlib from 'node:zlib'
import t, { type Test } from 'tap'
import { decode } from '../../optimise/codecs.js'
import { get, type Reply } from '../support/client.js'
import { accessLines, cacheStatus, play, until } from '../support/play.js'
import { optimiser } from '../support/workshop.js'

const short = Buffer.from('<p>What is said once and again is said in few bytes.</p>\n'.repeat(100))
const long = Buffer.from(Array.from({ length: 20_000 }, (_, at) => `<li>${at * 7919}</li>\n`).join(''))

function page(body: Buffer, more: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    const headers = { 'Content-Type': 'text/html', 'Cache-Control': 'max-age=60', ETag: '"v"', ...more }
    if (request.headers['if-none-match'] === '"v"') response.writeHead(304, headers).end()
    else response.writeHead(200, { ...headers, 'Content-Length': body.length }).end(body)
  }
}

async function stage(t: Test, script: RequestListener, site: Record<string, unknown> = {}) {
  const { joinOptimiser, workshop, troubles } = optimiser(t)
  const stage = await play(t, script, { store: 'lmdb', site, joinOptimiser })
  const ask = (target: string, accept?: string, headers: Record<string, string> = {}) =>
    stage.ask(target, { headers: { ...headers, ...(accept !== undefined && { 'Accept-Encoding': accept }) } })
  return { ...stage, ask, workshop, troubles }
}

async function plain(reply: Reply): Promise<Buffer> {
  const coding = reply.headers['content-encoding']
  return coding === undefined ? reply.body : decode(coding, reply.body, 1e8)
}

t.test('a short one is compressed at once: for the first client, and for all others', async t => {
  const { ask, origin, edge } = await stage(t, page(short))
  for (const [accept, coding] of [
    ['br, gzip', 'br'],
    ['gzip', 'gzip'],
    ['gzip, zstd', 'zstd'],
    ['gzip, br', 'br'],
    ['identity', undefined],
    [undefined, undefined],
  ] as const) {
    const reply = await ask('/a', accept)
    t.equal(reply.headers['content-encoding'], coding, `${accept}`)
    t.equal(reply.headers['content-length'], `${reply.body.length}`)
    t.equal(reply.headers.vary, 'Accept-Encoding')
    t.equal(reply.headers.etag, coding === undefined ? '"v"' : `"v-${coding}"`)
    t.strictSame(await plain(reply), short)
  }
  t.equal(origin.asked.length, 1)
  t.match(edge.counters(), { formsInline: 3, formsAsked: 0 })
  t.strictSame(
    accessLines(edge).map(({ form }) => form),
    ['br', 'gzip', 'zstd', 'br', undefined, undefined],
  )
  const saved = edge.serving.savedCounts()
  t.match(
    saved.map(({ form, responses }) => [form, responses]),
    [
      ['br', 2],
      ['gzip', 1],
      ['zstd', 1],
    ],
  )
  t.ok(saved.every(({ site, bytes }) => site === 'play' && bytes > short.length / 2))
})

t.test(
  'a long one is served as it is, and compressed behind; when it stays hot, once more, and better',
  async t => {
    const { ask, origin, workshop, troubles } = await stage(t, page(long))
    t.equal((await ask('/a', 'br')).headers['content-encoding'], undefined)
    let first: Reply | undefined
    await until(async () => {
      first = await ask('/a', 'br')
      return first.headers['content-encoding'] === 'br'
    })
    t.strictSame(zlib.brotliDecompressSync(first!.body), long)
    t.match(cacheStatus(first!), /^hit/)
    await until(async () => (await ask('/a', 'br')).body.length < first!.body.length)
    t.strictSame(await plain(await ask('/a', 'br')), long)
    t.strictSame(workshop().totals().jobs, { 'br made': 1, 'br improved': 1 })
    t.equal(origin.asked.length, 1)
    t.strictSame(troubles, [])
  },
)

t.test('HEAD says the same as GET; a part is of what the origin has', async t => {
  const { ask, edge } = await stage(t, page(short))
  const whole = await ask('/a', 'br')
  const head = await get(edge.port, '/a', { method: 'HEAD', headers: { 'Accept-Encoding': 'br' } })
  for (const name of ['content-encoding', 'content-length', 'etag', 'vary'])
    t.equal(head.headers[name], whole.headers[name], name)
  const part = await ask('/a', 'br', { Range: 'bytes=3-9' })
  t.equal(part.status, 206)
  t.strictSame(part.body, short.subarray(3, 10))
  t.match(part.headers, { etag: '"v"', vary: 'Accept-Encoding' })
  t.equal(part.headers['content-encoding'], undefined)
  const several = await ask('/a', 'br', { Range: 'bytes=0-1,5-6' })
  t.match(several, { status: 206, headers: { vary: 'Accept-Encoding' } })
  const mixed = await ask('/a', 'br', { Range: 'bytes=3-9', 'If-Range': '"v-br"' })
  t.equal(mixed.status, 200, 'bytes of another form are nothing to go on with')
})

t.test('the tag of a form finds its way back', async t => {
  const { ask } = await stage(t, page(short))
  const none = (tag: string) => ({ 'If-None-Match': tag })
  t.match(
    await ask('/a', 'br', none('"v-br"')),
    { status: 304, headers: { etag: '"v-br"' } },
    'nothing is stored yet',
  )
  t.match(await ask('/a', 'br', none('"v-br"')), { status: 304, headers: { etag: '"v-br"' } })
  t.match(await ask('/a', 'gzip', none('"v-gzip"')), { status: 304, headers: { etag: '"v-gzip"' } })
  t.match(
    await ask('/a', 'gzip;q=0.1, identity', none('"v-gzip"')),
    { status: 304 },
    'whose form it does not get now',
  )
  t.match(await ask('/a', undefined, none('"v"')), { status: 304, headers: { etag: '"v"' } })
  t.match(await ask('/a', undefined, none('"v-br"')), { status: 200 }, 'whose form it does not take')
  t.match(await ask('/a', 'br', none('"v"')), { status: 200, headers: { 'content-encoding': 'br' } })
})

t.test('after a 304 of the origin the form goes on, with the new head', async t => {
  const { ask, origin, edge } = await stage(
    t,
    page(short, { 'Cache-Control': 'max-age=0, no-cache', 'X-Turn': '1' }),
  )
  t.equal((await ask('/a', 'br')).headers['x-turn'], '1')
  await until(() => edge.counters().cacheEntries === 2)
  origin.script = page(short, { 'Cache-Control': 'max-age=60', 'X-Turn': '2' })
  const again = await ask('/a', 'br')
  t.match(again.headers, { 'x-turn': '2', 'content-encoding': 'br', etag: '"v-br"' })
  t.match(cacheStatus(again), /fwd-status=304/)
  await until(async () => /^hit/.test(cacheStatus(await ask('/a', 'br'))))
  const hit = await ask('/a', 'br')
  t.match(hit.headers, { 'x-turn': '2', 'content-encoding': 'br' })
  t.strictSame(await plain(hit), short)
  t.equal(edge.counters().formsInline, 1, 'made once')
})

t.test('what another answer was made of is not served for this one', async t => {
  const { ask, origin, edge } = await stage(t, page(short, { 'Cache-Control': 'max-age=0, no-cache' }))
  await ask('/a', 'br')
  await until(() => edge.counters().cacheEntries === 2)
  const other = Buffer.from(short.toString().replaceAll('once', 'ever'))
  t.equal(other.length, short.length)
  origin.script = (request, response) =>
    page(other, { ETag: '"w"' })(Object.assign(request, { headers: {} }), response)
  const reply = await ask('/a', 'br')
  t.strictSame(await plain(reply), other)
  t.equal(reply.headers.etag, '"w-br"')
})

t.test('what does not get shorter is served as it is, and not tried again', async t => {
  const noise = zlib.deflateRawSync(Buffer.from(Array.from({ length: 9_000 }, () => Math.random() * 256)))
  const { ask, edge } = await stage(t, page(noise.subarray(0, 8_000)))
  for (let turn = 0; turn < 4; turn += 1)
    t.equal((await ask('/a', 'br')).headers['content-encoding'], undefined)
  t.equal(edge.counters().formsInline, 1)
})

t.test('nobody transforms what is not to be transformed', async t => {
  const { ask, origin } = await stage(t, page(short, { 'Cache-Control': 'max-age=60, no-transform' }))
  const reply = await ask('/a', 'br')
  t.equal(reply.headers['content-encoding'], undefined)
  t.equal(reply.headers.vary, undefined)
  origin.script = page(short)
  t.equal((await ask('/b', 'br', { 'Cache-Control': 'no-transform' })).headers['content-encoding'], undefined)
  await until(async () => (await ask('/b', 'br')).headers['content-encoding'] === 'br')
})

t.test('a site that wants no compression gets none', async t => {
  const { ask } = await stage(t, page(short), { optimise: { compress: false } })
  for (let turn = 0; turn < 2; turn += 1) {
    const reply = await ask('/a', 'br')
    t.equal(reply.headers['content-encoding'], undefined)
    t.equal(reply.headers.vary, undefined)
  }
})

for (const [size, body] of [
  ['short', short],
  ['long', long],
] as const) {
  t.test(`what came in a coding whoever asks is decoded for who does not take it: ${size}`, async t => {
    const coded = zlib.gzipSync(body)
    const { ask, troubles } = await stage(t, page(coded, { 'Content-Encoding': 'gzip' }))
    const first = await ask('/a', 'gzip')
    t.match(first.headers, { 'content-encoding': 'gzip', vary: 'Accept-Encoding', etag: '"v"' })
    t.strictSame(first.body, coded)
    for (const accept of [undefined, 'br', 'gzip;q=0']) {
      const reply = await ask('/a', accept)
      t.equal(reply.headers['content-encoding'], undefined, `${accept}`)
      t.equal(reply.headers.etag, '"v-identity"')
      t.strictSame(reply.body, body)
    }
    t.strictSame((await ask('/a', 'x-gzip')).body, coded)
    t.strictSame(troubles, [])
  })
}

t.test('a bomb is not decoded, and neither is what is damaged: it is served as it came', async t => {
  const { ask, origin, troubles } = await stage(
    t,
    page(zlib.gzipSync(Buffer.alloc(80_000_000)), { 'Content-Encoding': 'gzip' }),
  )
  await ask('/bomb', 'gzip')
  for (let turn = 0; turn < 2; turn += 1)
    t.match(await ask('/bomb'), { status: 200, headers: { 'content-encoding': 'gzip' } })
  origin.script = page(zlib.gzipSync(short).subarray(0, 50), { 'Content-Encoding': 'gzip' })
  await ask('/cut', 'gzip')
  t.match(await ask('/cut'), { status: 200, headers: { 'content-encoding': 'gzip' } })
  t.strictSame(troubles, [])
})

t.test('a herd for one form that is absent: one is made', async t => {
  const { ask, workshop, edge } = await stage(t, page(long))
  await ask('/a')
  const replies = await Promise.all(Array.from({ length: 50 }, () => ask('/a', 'gzip')))
  for (const reply of replies) t.strictSame(await plain(reply), long)
  await until(async () => (await ask('/a', 'gzip')).headers['content-encoding'] === 'gzip')
  // Seen in the store a moment before it is counted.
  await until(() => workshop().totals().jobs['gzip made'] !== undefined)
  t.equal(workshop().totals().jobs['gzip made'], 1)
  // Who comes after it was made and before it is seen in the store asks once more, for nothing.
  t.ok(edge.counters().formsAsked <= 2, `${edge.counters().formsAsked} asked`)
})

t.test('a purge takes the forms with it', async t => {
  const { ask, origin, edge } = await stage(t, page(short))
  await ask('/a', 'br')
  await ask('/a', 'br')
  t.equal(origin.asked.length, 1)
  // As an unsafe method would (RFC 9111 4.4).
  await get(edge.port, '/a', { method: 'POST', body: 'x' })
  origin.script = page(long.subarray(0, 9_000), { ETag: '"w"' })
  const reply = await ask('/a', 'br')
  t.strictSame(await plain(reply), long.subarray(0, 9_000))
})
