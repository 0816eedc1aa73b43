// Plays: what clients may hold of a listener, on each engine what it can know.
import { type ClientHttp2Session, connect as connectSession } from 'node:http2'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { accessLines, always, until } from '../support/play.js'

async function stage(t: Test, listener: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const answer = always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }, 'ok')
  const origin = await startOrigin(t, (request, response) => {
    request.on('error', () => {})
    // Of this one nobody hears.
    if (request.url === '/held') return
    request.resume().once('end', () => answer(request, response))
  })
  const listen = [{ address: '127.0.0.1', port: 0, ...listener }]
  return startEdge(t, testConfig(t, [origin.url], {}, { listen, ...more }))
}

const asked = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

for (const engine of ['uws', 'node']) {
  t.test(
    `${engine}: connections beyond connectionsMax are closed at once, the others go on`,
    needsAddon,
    async t => {
      const edge = await stage(t, { engine, connectionsMax: 2 })
      const clients = [await connectRaw(edge.port), await connectRaw(edge.port)]
      for (const client of clients) {
        client.write(asked)
        await client.until(/ok$/)
      }
      const refused = await connectRaw(edge.port)
      t.equal(await refused.closed(), '')
      t.match(edge.counters(), { connections: 2, connectionsRefused: 1, addressesRefused: 0 })
      t.match(
        edge.lines.filter(({ msg }) => msg === 'connections are closed at once'),
        [{ code: 'too-many-connections' }],
      )
      clients[0]!.socket.destroy()
      await until(() => edge.counters().connections === 1)
      const next = await connectRaw(edge.port)
      next.write(asked)
      await next.until(/ok$/)
      for (const client of [...clients, next]) client.socket.destroy()
      await until(() => edge.counters().connections === 0)
    },
  )
}

t.test('a body that comes too slowly is 408', async t => {
  const edge = await stage(t, {}, { limits: { uploadBytesPerSecondMin: 1_024 } })
  const client = await connectRaw(edge.port)
  client.write('POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n')
  // Ten seconds long it may be slow, as its name says; what is sent keeps the engine's own clock from running out.
  const timer = setInterval(() => client.write('x'), 500)
  const answer = await client.closed()
  clearInterval(timer)
  t.match(answer, /^HTTP\/1\.1 408 .*detail=slow-upload/s)
  t.match(accessLines(edge), [{ status: 408, detail: 'slow-upload' }])
})

t.test(
  'node: connections of one address beyond connectionsPerAddressMax are closed at once',
  needsAddon,
  async t => {
    const edge = await stage(t, { engine: 'node', connectionsPerAddressMax: 1 })
    const first = await connectRaw(edge.port)
    const second = await connectRaw(edge.port)
    t.equal(await second.closed(), '')
    t.match(edge.counters(), { connectionsRefused: 0, addressesRefused: 1 })
    first.socket.destroy()
  },
)

t.test(
  'node: a head that does not come is 408, a connection that is not used is closed',
  needsAddon,
  async t => {
    const edge = await stage(t, { engine: 'node', headMs: '300ms', idleMs: '200ms' })
    const slow = await connectRaw(edge.port)
    slow.write('GET / HTTP/1.1\r\nHo')
    t.match(await slow.closed(), /^HTTP\/1\.1 408 /)
    const silent = await connectRaw(edge.port)
    t.match(await silent.closed(), /^(HTTP\/1\.1 408 |$)/)
    const idle = await connectRaw(edge.port)
    idle.write(asked)
    t.match(await idle.closed(), /ok$/)
  },
)

const floods: Record<string, (session: ClientHttp2Session) => Promise<unknown>> = {
  pings: session => new Promise(resolve => session.ping(resolve)),
  settings: session => new Promise(resolve => session.settings({ initialWindowSize: 70_000 }, resolve)),
  resets: session => {
    const stream = session.request({ ':path': '/held', ':authority': 'a', ':method': 'DELETE' })
    stream.on('error', () => {})
    setTimeout(() => stream.close(8), 2)
    return new Promise(resolve => stream.once('close', resolve))
  },
}

t.test(
  'node: HTTP/2 that is idle is said goodbye, and who takes back too much is broken off',
  needsAddon,
  async t => {
    const tls = { certificates: keyPairs(t) }
    const edge = await stage(t, { engine: 'node', tls, idleMs: '200ms' })
    const noisy = await stage(t, { engine: 'node', tls, resetsPerMinuteMax: 20 })
    const open = (port: number) => {
      const session = connectSession(`https://localhost:${port}`, { rejectUnauthorized: false })
      session.on('error', () => {})
      return session
    }
    const idle = open(edge.port)
    await new Promise(resolve => idle.once('close', resolve))
    for (const flood of Object.keys(floods)) {
      const session = open(noisy.port)
      const codes: number[] = []
      session.on('goaway', code => codes.push(code))
      const gone = new Promise(resolve => session.once('close', resolve))
      await new Promise(resolve => session.once('remoteSettings', resolve))
      for (let i = 0; i < 60 && !session.destroyed && !session.closed; i += 1) {
        await Promise.race([gone, floods[flood]!(session)])
      }
      await gone
      t.ok(codes.includes(11), `${flood}: ENHANCE_YOUR_CALM`)
      session.destroy()
    }
    await until(() => noisy.counters().active === 0 && noisy.counters().connections === 0)
  },
)
