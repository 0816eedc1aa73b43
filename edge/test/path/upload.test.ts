// Plays: request bodies on their way to slow, broken and hasty origins, through memory and spool files.
import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import t from 'tap'
import { connectRaw, get } from '../support/client.js'
import { onUws, startEdge, testConfig } from '../support/edge.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { accessLines, always, digest, noise, play, until } from '../support/play.js'

const mebibyte = 1_048_576

/** Spool files this process holds open. */
function spools(): number {
  return readdirSync('/proc/self/fd').filter(name => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).includes('/spool-')
    } catch (error) {
      // Closed between the two looks.
      return (error as NodeJS.ErrnoException).code !== 'ENOENT'
    }
  }).length
}

t.test(
  '20 MB to a slow origin arrive whole through the spool, of known length and chunked',
  onUws,
  async t => {
    const block = noise(mebibyte)
    const whole = createHash('sha256')
    for (let turn = 0; turn < 20; turn += 1) whole.update(block)
    const expected = whole.digest('hex')
    let spoolsMax = 0
    const origin = await startOrigin(t, async (request, response) => {
      const hash = createHash('sha256')
      for await (const chunk of request) {
        hash.update(chunk)
        spoolsMax = Math.max(spoolsMax, spools())
        await after(1)
      }
      response.end(
        `${hash.digest('hex')} ${request.headers['content-length'] ?? request.headers['transfer-encoding']}`,
      )
    })
    const config = testConfig(t, [origin.url], {}, { limits: { uploadMemoryBytesMax: '256KiB' } })
    const edge = await startEdge(t, config)
    async function* blocks() {
      for (let turn = 0; turn < 20; turn += 1) yield block
    }
    const before = process.memoryUsage.rss()
    let peak = before
    const timer = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 5)
    for (const length of [`${20 * mebibyte}`, 'chunked']) {
      const headers: Record<string, string> = length === 'chunked' ? {} : { 'content-length': length }
      const reply = await get(edge.port, '/a', { method: 'PUT', headers, body: blocks() })
      t.equal(reply.text, `${expected} ${length}`)
      t.strictSame(readdirSync(config.run.directory), [], 'no file is left')
    }
    clearInterval(timer)
    t.ok(spoolsMax > 0, 'the spool was used')
    t.ok(peak - before < 100 * mebibyte, `grew by ${peak - before} bytes`)
    await edge.idle()
    await until(() => spools() === 0)
    t.match(edge.counters(), { bytesIn: 40 * mebibyte, results: { pass: 2 }, originErrors: 0 })
  },
)

t.test('an upload within memory arrives whole too, byte by byte', async t => {
  const { origin, edge } = await play(t, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    response.end(digest(Buffer.concat(chunks)))
  })
  const body = noise(300)
  const client = await connectRaw(edge.port)
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 300\r\n\r\n')
  for (const byte of body) client.write(Buffer.of(byte))
  t.match(await client.until(/[0-9a-f]{64}/), digest(body))
  t.equal(origin.asked[0].headers['content-length'], '300')
  client.socket.destroy()
})

t.test('Expect: 100-continue is answered here and not passed on', async t => {
  const { origin, edge } = await play(t, (request, response) => void request.pipe(response))
  const client = await connectRaw(edge.port)
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n')
  await client.until('HTTP/1.1 100 Continue\r\n\r\n')
  client.write('hello')
  await client.until(/200 OK.*hello/s)
  t.notOk('expect' in origin.asked[0].headers)
  client.socket.destroy()
})

t.test('an upload that its client breaks off is broken off at the origin too', async t => {
  for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
    const ends: boolean[] = []
    let begun: () => void = () => {}
    const hasBegun = new Promise<void>(resolve => {
      begun = resolve
    })
    const { edge, ask } = await play(t, (request, response) => {
      if (request.method === 'GET') return void response.end('next')
      request.once('data', () => begun())
      request.once('close', () => ends.push(request.complete))
      request.on('error', () => {})
    })
    const client = await connectRaw(edge.port)
    client.write(`POST /a HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n5\r\nhello\r\n`)
    await hasBegun
    client.socket.destroy()
    await until(() => ends.length === 1)
    t.strictSame(ends, [false], `${framing}: not complete`)
    await edge.idle()
    t.match(edge.counters(), { clientAborts: 1, originErrors: 0 })
    t.match(accessLines(edge), [{ completed: false, result: 'pass' }])
    t.equal((await ask('/b')).text, 'next')
  }
})

t.test('an origin that answers before the upload ends is heard', async t => {
  const origin = await startRawOrigin(t, (socket, head) => {
    if (head.startsWith('GET')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext')
    else socket.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
  })
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\n')
  client.write(noise(1_000))
  t.match(await client.until('no'), /^HTTP\/1\.1 403 /)
  await edge.idle()
  t.match(edge.counters(), { originErrors: 0, results: { pass: 1 }, active: 0 })
  // The rest is swallowed, and the connection goes on.
  client.write(noise(2_000))
  client.write('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.until('next')
  client.socket.destroy()
})

t.test('a full spool is 503 for that upload alone', onUws, async t => {
  const { edge, ask } = await play(t, () => {}, {
    more: { limits: { spoolBytesMax: '64KiB', uploadMemoryBytesMax: '64KiB' } },
  })
  const reply = await ask('/a', { method: 'POST', body: noise(8 * mebibyte) }).catch((error: Error) => error)
  // The answer may be lost when the connection is cut under a client that is still sending.
  if (!(reply instanceof Error)) t.match(reply, { status: 503, headers: { 'retry-after': '1' } })
  await edge.idle()
  t.match(accessLines(edge), [{ status: 503, result: 'error', detail: 'spool-full' }])
  await until(() => spools() === 0)
})

t.test('a body for an origin that is gone is 502 and closes', async t => {
  const origin = await startOrigin(t, always(200, {}))
  await origin.stop()
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await connectRaw(edge.port)
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello')
  const text = await client.closed()
  t.match(text, /^HTTP\/1\.1 502 .*\r\nConnection: close\r\n/s)
  await edge.idle()
  t.equal(edge.counters().originErrors, 1)
})
