// Plays: answers that are not stored are compressed while they pass, as they come, and no more of them than is allowed.
import type { RequestListener } from 'node:http'
import zlib from 'node:zlib'
import t, { type Test } from 'tap'
import { decode } from '../../optimise/codecs.js'
import { connectRaw, type Reply } from '../support/client.js'
import { play, until } from '../support/play.js'

const page = Buffer.from(Array.from({ length: 5_000 }, (_, at) => `<li>${at * 7919}</li>\n`).join(''))

function dynamic(body: Buffer, more: Record<string, string> = {}): RequestListener {
  return (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'private', ETag: '"v"', ...more })
    response.end(body)
  }
}

async function stage(t: Test, script: RequestListener, site: Record<string, unknown> = {}, more = {}) {
  const stage = await play(t, script, { site, more })
  const ask = (accept: string | undefined, headers: Record<string, string> = {}, method = 'GET') =>
    stage.ask('/p', {
      method,
      headers: { ...headers, ...(accept !== undefined && { 'Accept-Encoding': accept }) },
    })
  return { ...stage, ask }
}

async function plain(reply: Reply): Promise<Buffer> {
  return decode(reply.headers['content-encoding']!, reply.body, 1e8)
}

t.test('a page for one client is compressed as it passes, each time', async t => {
  const { ask, origin } = await stage(t, dynamic(page))
  for (const [accept, coding] of [
    ['gzip, br', 'br'],
    ['gzip, zstd', 'gzip'],
    ['br;q=0.1, gzip', 'gzip'],
  ] as const) {
    const reply = await ask(accept)
    t.match(reply.headers, { 'content-encoding': coding, vary: 'Accept-Encoding', etag: 'W/"v"' }, accept)
    t.equal(reply.headers['content-length'], undefined)
    t.ok(reply.body.length < page.length / 2)
    t.strictSame(await plain(reply), page)
  }
  t.equal(origin.asked.length, 3)
})

t.test('what is not to be compressed passes as it came', async t => {
  const { ask, origin } = await stage(t, dynamic(page))
  const rows: [
    row: string,
    script: RequestListener,
    accept: string | undefined,
    headers?: Record<string, string>,
  ][] = [
    ['nobody asks for it', dynamic(page), undefined],
    ['identity', dynamic(page), 'identity'],
    ['only zstd', dynamic(page), 'zstd'],
    ['a picture', dynamic(page, { 'Content-Type': 'image/jpeg' }), 'gzip'],
    ['events', dynamic(page, { 'Content-Type': 'text/event-stream' }), 'gzip'],
    ['short', dynamic(page.subarray(0, 500), { 'Content-Length': '500' }), 'gzip'],
    ['no-transform', dynamic(page, { 'Cache-Control': 'private, no-transform' }), 'gzip'],
    ['the client forbids it', dynamic(page), 'gzip', { 'Cache-Control': 'no-transform' }],
    ['a part is wanted', dynamic(page), 'gzip', { Range: 'bytes=0-9' }],
  ]
  for (const [row, script, accept, headers] of rows) {
    origin.script = script
    const reply = await ask(accept, headers)
    t.equal(reply.headers['content-encoding'], undefined, row)
    t.equal(reply.headers.etag, '"v"', row)
  }
  origin.script = dynamic(zlib.gzipSync(page), { 'Content-Encoding': 'gzip' })
  t.strictSame(zlib.gunzipSync((await ask('gzip, br')).body), page, 'it is compressed')
  origin.script = dynamic(page, { 'Content-Length': `${page.length}` })
  t.equal((await ask('gzip', {}, 'HEAD')).headers['content-length'], `${page.length}`, 'HEAD')
  const off = await stage(t, dynamic(page), { optimise: { compressPassed: false } })
  t.equal((await off.ask('gzip')).headers['content-encoding'], undefined, 'the site does not want it')
})

t.test('no more at once, and of a second, than is allowed', async t => {
  for (const optimise of [{ passStreamsMax: 0 }, { passBytesMax: 0 }]) {
    const { ask } = await stage(t, dynamic(page), {}, { optimise })
    t.strictSame((await ask('gzip')).body, page, JSON.stringify(optimise))
  }
})

t.test('what has come goes out, though more is to come', async t => {
  let end = () => {}
  const { edge } = await stage(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'private' })
    response.write('<p>first</p>')
    end = () => response.end('<p>last</p>')
  })
  const client = await connectRaw(edge.port)
  client.write('GET /p HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
  await client.until(/\r\n\r\n[\s\S]*\x1f\x8b[\s\S]{20}/)
  end()
  await client.until(/\r\n0\r\n\r\n$/)
})

t.test('a client that leaves, and an origin that breaks off, end it', async t => {
  let broken = () => {}
  const { edge, origin } = await stage(t, (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'private' })
    response.write(page)
    broken = () => response.destroy()
  })
  const ask = async () => {
    const client = await connectRaw(edge.port)
    client.write('GET /p HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n')
    await client.until(/\r\n\r\n/)
    return client
  }
  const leaving = await ask()
  leaving.socket.resetAndDestroy()
  await until(() => edge.counters().active === 0)
  const waiting = await ask()
  broken()
  t.notMatch(await waiting.closed(), /\r\n0\r\n\r\n$/, 'it cannot be taken for complete')
  origin.script = dynamic(page)
  await edge.idle()
})

t.test('a slow client slows the origin', async t => {
  const noise = Buffer.from(
    Array.from({ length: 3_000_000 }, (_, at) => 32 + ((at * 7919 + (at >> 7) * 104_729) % 90)),
  )
  const { edge } = await stage(t, dynamic(noise))
  const client = await connectRaw(edge.port)
  client.socket.pause()
  client.write('GET /p HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n')
  await new Promise(resolve => setTimeout(resolve, 300))
  client.socket.resume()
  const text = await client.closed()
  t.match(text, /\r\n0\r\n(X-Last: 1\r\n)?\r\n$/)
  t.match(text, /Content-Encoding: gzip/)
})
