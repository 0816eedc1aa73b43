import sharp from 'sharp'
import t from 'tap'
import { formatOf, modern, original, stage } from '../support/image-stage.js'
import { distance, moving, photograph } from '../support/images.js'
import { cacheStatus } from '../support/play.js'

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
