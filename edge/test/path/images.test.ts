// Plays: images in the sizes and formats that queries ask for, each made once out of what is stored.
import { writeFileSync } from 'node:fs'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { signatureOf } from '../../optimise/image-request.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { get, type Reply } from '../support/client.js'
import { distance, moving, photograph } from '../support/images.js'
import { cacheStatus, play, until } from '../support/play.js'
import { optimiser } from '../support/workshop.js'

const original = await photograph(800, 600).jpeg({ quality: 90 }).toBuffer()

interface Given {
  body?: Buffer
  type?: string
  headers?: Record<string, string>
  image?: Record<string, unknown>
  more?: Record<string, unknown>
  /** Before the origin answers. */
  held?: Promise<unknown>
}

async function stage(t: Test, given: Given = {}) {
  const { joinOptimiser, workshop, troubles } = optimiser(t)
  const { body = original, type = 'image/jpeg', headers = {}, image = {}, more = {}, held } = given
  const stage = await play(
    t,
    async (_, response) => {
      await held
      response.writeHead(200, {
        'Content-Type': type,
        'Cache-Control': 'max-age=60',
        ETag: '"v"',
        ...headers,
      })
      response.end(body)
    },
    { store: 'lmdb', site: { optimise: { images: true, image } }, more, joinOptimiser },
  )
  const ask = (target: string, accept = '*/*', asked: Record<string, string> = {}) =>
    stage.ask(target, { headers: { Accept: accept, ...asked } })
  return { ...stage, ask, workshop, troubles }
}

const formatOf = async (reply: Reply) => {
  const { format, compression, width, height, pages } = await sharp(reply.body).metadata()
  return { format: format === 'heif' ? compression : format, width, height, pages }
}

const modern = 'image/avif,image/webp,image/*,*/*;q=0.8'

const rows: [target: string, accept: string, type: string, width: number, height: number, varies: boolean][] =
  [
    ['?w=200', modern, 'avif', 200, 150, true],
    ['?w=200', 'image/webp,*/*', 'webp', 200, 150, true],
    ['?w=200', '*/*', 'jpeg', 200, 150, true],
    ['?w=200', 'image/avif;q=0.1,image/webp', 'webp', 200, 150, true],
    ['?w=200&format=webp', modern, 'webp', 200, 150, false],
    ['?w=200&format=png', modern, 'png', 200, 150, false],
    ['?h=150', '*/*', 'jpeg', 200, 150, true],
    ['?w=100&dpr=2', '*/*', 'jpeg', 200, 150, true],
    ['?w=300&h=300', '*/*', 'jpeg', 300, 300, true],
    ['?w=300&h=300&fit=inside', '*/*', 'jpeg', 300, 225, true],
    ['?w=300&h=300&fit=contain', '*/*', 'jpeg', 300, 300, true],
    ['?w=300&h=100&fit=fill', '*/*', 'jpeg', 300, 100, true],
    ['?w=2000', '*/*', 'jpeg', 800, 600, true],
    ['?format=webp', '*/*', 'webp', 800, 600, false],
  ]

t.test('each form is what its query asks for, and looks like the original', async t => {
  const { ask, origin, troubles } = await stage(t)
  for (const [query, accept, type, width, height, varies] of rows) {
    const reply = await ask(`/a.jpg${query}`, accept)
    const row = `${query} ${accept}`
    t.equal(reply.status, 200, row)
    t.equal(reply.headers['content-type'], `image/${type}`, row)
    t.match(await formatOf(reply), { format: type === 'avif' ? 'av1' : type, width, height }, row)
    t.equal(reply.headers.vary, varies ? 'Accept' : undefined, row)
    t.match(reply.headers.etag, /^"v-[\w.-]+"$/, row)
    if (!/fit=|h=300/.test(query)) t.ok((await distance(original, reply.body)) < 8, row)
    t.match(cacheStatus(await ask(`/a.jpg${query}`, accept)), /^hit/, row)
  }
  t.strictSame(
    origin.asked.map(({ target }) => target),
    ['/a.jpg'],
    'the original once, without what is ours',
  )
  t.strictSame(troubles, [])
})

t.test('without a query, and elsewhere, everything is as it came', async t => {
  const { ask, origin } = await stage(t)
  for (const target of ['/a.jpg', '/page?w=200', '/a.jpg?v=2']) {
    const reply = await ask(target, modern)
    t.strictSame(reply.body, original, target)
    t.equal(reply.headers.vary, undefined)
  }
  t.equal((await ask('/a.jpg?v=2&w=100&x=%20', modern)).headers['content-type'], 'image/avif')
  t.equal(origin.asked.at(-1)!.target, '/a.jpg?v=2&x=%20')
})

t.test('what is no image of pixels, or no 200, passes untouched', async t => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/x"/></svg>',
  )
  const { ask, origin } = await stage(t, { body: svg, type: 'image/svg+xml' })
  t.strictSame((await ask('/a.jpg?w=10')).body, svg)
  origin.script = (_, response) => response.writeHead(302, { Location: '/b.jpg' }).end()
  t.match(await ask('/moved.jpg?w=10'), { status: 302, headers: { location: '/b.jpg' } })
  origin.script = (_, response) => response.writeHead(404, { 'Content-Type': 'text/plain' }).end('none')
  t.match(await ask('/none.jpg?w=10'), { status: 404, text: 'none' })
  origin.script = (_, response) =>
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'no-store' }).end(original)
  t.strictSame((await ask('/private.jpg?w=10')).body, original, 'what is not stored has no forms')
  origin.script = (_, response) =>
    response
      .writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=60, no-transform' })
      .end(original)
  t.strictSame((await ask('/kept.jpg?w=10')).body, original)
})

t.test('mislabelled, damaged and foreign: a short reason, remembered', async t => {
  const { ask, origin, workshop, troubles } = await stage(t)
  const serve = (body: Buffer) => {
    origin.script = (_, response) =>
      response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=60' }).end(body)
  }
  const cases: [name: string, body: Buffer, status: number][] = [
    ['text', Buffer.from('this is no image'), 415],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 415],
    ['pdf', Buffer.from('%PDF-1.4\n1 0 obj\n'), 415],
    ['empty', Buffer.alloc(0), 415],
    ['cut', original.subarray(0, original.length / 2), 422],
  ]
  for (const [name, body, status] of cases) {
    serve(body)
    for (let turn = 0; turn < 2; turn += 1) {
      const reply = await ask(`/${name}.jpg?w=100`)
      t.match(
        reply,
        { status, headers: { 'cache-control': 'no-store', 'content-type': /^text\/plain/ } },
        name,
      )
      t.match(reply.text, new RegExp(`^${status} image: `), name)
    }
  }
  t.equal(workshop().totals().jobs['image-source useless'], cases.length, 'each tried once')
  t.strictSame(troubles, [])
})

t.test('cut at every 64th byte it ends in an image or a reason', async t => {
  const small = await photograph(64, 48).jpeg().toBuffer()
  const { ask, origin, troubles } = await stage(t)
  const statuses = new Set<number>()
  for (let at = 0; at < small.length; at += 64) {
    origin.script = (_, response) =>
      response
        .writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=60' })
        .end(small.subarray(0, at))
    statuses.add((await ask(`/${at}.jpg?w=16&format=png`)).status)
  }
  t.ok(
    [...statuses].every(status => [200, 415, 422].includes(status)),
    [...statuses].join(),
  )
  t.strictSame(troubles, [])
})

t.test('bombs are not opened', async t => {
  const { ask, origin } = await stage(t, { image: { pixelsMax: 1_000_000, bytesMax: '64KiB', framesMax: 5 } })
  const bodies = {
    wide: await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: 'red' } })
      .png({ compressionLevel: 9 })
      .toBuffer(),
    long: Buffer.concat([original, Buffer.alloc(100_000)]),
    frames: await moving(10, 10, 6),
  }
  for (const [name, body] of Object.entries(bodies)) {
    origin.script = (_, response) =>
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=60' }).end(body)
    t.match(
      await ask(`/${name}.png?w=10`),
      { status: 413, text: /^413 image: The image has more than / },
      name,
    )
  }
})

t.test('cameras of all kinds: upright, in sRGB, without what the file tells of its maker', async t => {
  const { ask, origin } = await stage(t)
  const serve = (body: Buffer, type: string) => {
    origin.script = (_, response) =>
      response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'max-age=60' }).end(body)
  }
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const body = await photograph(120, 80).withMetadata({ orientation }).jpeg().toBuffer()
    serve(body, 'image/jpeg')
    const reply = await ask(`/o${orientation}.jpg?w=60`)
    const [width, height] = orientation < 5 ? [60, 40] : [60, 90]
    const found = await sharp(reply.body).metadata()
    t.match(found, { width, height })
    t.equal(found.orientation, undefined)
    t.equal(found.exif, undefined)
    t.ok((await distance(body, reply.body)) < 10, `orientation ${orientation}`)
  }
  const kinds: [name: string, body: Buffer, type: string][] = [
    ['cmyk', await photograph(120, 80).toColourspace('cmyk').jpeg().toBuffer(), 'image/jpeg'],
    ['deep', await photograph(120, 80).toColourspace('rgb16').png().toBuffer(), 'image/png'],
    ['grey', await photograph(120, 80).greyscale().jpeg().toBuffer(), 'image/jpeg'],
    ['tiff', await photograph(120, 80).tiff().toBuffer(), 'image/tiff'],
    ['dot', await photograph(1, 1).png().toBuffer(), 'image/png'],
  ]
  for (const [name, body, type] of kinds) {
    serve(body, type)
    const reply = await ask(`/${name}.jpg?w=60`, modern)
    t.equal(reply.headers['content-type'], 'image/avif', name)
    const { space, depth } = await sharp(reply.body).metadata()
    t.match({ space, depth }, { space: /srgb|b-w/, depth: 'uchar' }, name)
    t.ok((await distance(body, reply.body)) < 12, name)
  }
  serve(await sharp(original).resize(50).png().ensureAlpha(0.5).toBuffer(), 'image/png')
  t.equal((await formatOf(await ask('/clear.png?w=20&format=jpeg'))).format, 'jpeg')
})

t.test('what moves goes on moving', async t => {
  const gif = await moving(60, 40, 4)
  const { ask } = await stage(t, { body: gif, type: 'image/gif' })
  t.match(await formatOf(await ask('/a.gif?w=30')), { format: 'gif', width: 30, pages: 4 })
  t.match(await formatOf(await ask('/a.gif?w=30', modern)), { format: 'webp', width: 30, pages: 4 })
  t.match(await formatOf(await ask('/a.gif?w=30&format=png', modern)), { format: 'png', width: 30 })
})

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
    return workshop().totals().jobs['image-avif made'] === 2
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
