// Plays: the PROXY protocol on the engine node, of both versions, in front of plain HTTP, of TLS and of HTTP/2.
import { connect as connectSession } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { accessLines, until } from '../support/play.js'
import { binaryHeader, four, six } from '../support/proxy-headers.js'

async function stage(t: Test, listener: Record<string, unknown> = {}) {
  const origin = await startOrigin(t, (request, response) => {
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.once('end', () => response.end(`ok ${request.method} ${bytes}`))
  })
  const listen = [{ address: '127.0.0.1', port: 0, engine: 'node', proxyFrom: ['127.0.0.0/8'], ...listener }]
  return { origin, edge: await startEdge(t, testConfig(t, [origin.url], {}, { listen })) }
}

const asked = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const line = 'PROXY TCP4 198.51.100.7 10.0.0.1 1000 80\r\n'

const believed: [row: string, header: string | Buffer, address: string][] = [
  ['version 1, IPv4', line, '198.51.100.7'],
  ['version 1, IPv6', 'PROXY TCP6 2001:db8::7 ::1 1000 80\r\n', '2001:db8::7'],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
  ['version 2, IPv4', binaryHeader(0x21, 0x11, four), '198.51.100.7'],
  ['version 2, IPv6', binaryHeader(0x21, 0x21, six), '2001:db8::7'],
  ['version 2, of itself', binaryHeader(0x20, 0, Buffer.alloc(0)), '127.0.0.1'],
  ['it did not say', '', '127.0.0.1'],
]
for (const [row, header, address] of believed) {
  for (const isSplit of [false, true]) {
    t.test(`believed, ${row}, ${isSplit ? 'in two parts' : 'at once'}`, needsAddon, async t => {
      const { origin, edge } = await stage(t)
      const client = await connectRaw(edge.port)
      const bytes = Buffer.concat([Buffer.from(header), Buffer.from(asked)])
      const cut = isSplit ? Math.ceil(header.length / 2) : bytes.length
      client.write(bytes.subarray(0, cut))
      if (isSplit) await new Promise(resolve => setTimeout(resolve, 20))
      client.write(bytes.subarray(cut))
      await client.until(/200 OK[\s\S]*ok GET/)
      // What comes later of the connection is of the same client.
      client.write('POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc')
      await client.until(/ok POST/)
      client.socket.destroy()
      t.strictSame(
        origin.asked.map(({ headers }) => headers['x-forwarded-for']),
        [address, address],
      )
      await edge.idle()
      t.match(accessLines(edge), [{ client: address }, { client: address }])
      await until(() => edge.counters().connections === 0)
    })
  }
}

/** Connects and says `header`, at once or in two parts. */
async function prefaced(port: number, header: string | Buffer, isSplit = false): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  await new Promise(resolve => socket.once('connect', resolve))
  socket.on('error', () => {})
  if (!isSplit) socket.write(header)
  else {
    socket.setNoDelay(true).write(header.slice(0, 9))
    await new Promise(resolve => setTimeout(resolve, 20))
    socket.write(header.slice(9))
  }
  return socket
}

for (const protocol of ['http/1.1', 'h2']) {
  for (const isSplit of [false, true]) {
    t.test(`${protocol} over TLS, ${isSplit ? 'in two parts' : 'at once'}`, needsAddon, async t => {
      const { origin, edge } = await stage(t, { tls: { certificates: keyPairs(t) } })
      const raw = await prefaced(edge.port, line, isSplit)
      const socket = connectSecurely({
        socket: raw,
        ALPNProtocols: [protocol],
        servername: 'localhost',
        rejectUnauthorized: false,
      })
      if (protocol === 'h2') {
        const session = connectSession('https://localhost', { createConnection: () => socket })
        t.teardown(() => session.destroy())
        const stream = session.request({ ':path': '/' })
        await new Promise((resolve, reject) => stream.resume().once('close', resolve).once('error', reject))
      } else {
        socket.write(asked)
        await new Promise(resolve => socket.once('data', resolve))
      }
      t.equal(origin.asked[0]!.headers['x-forwarded-for'], '198.51.100.7')
      await edge.idle()
      t.match(accessLines(edge), [{ client: '198.51.100.7', status: 200 }])
      raw.destroy()
      await until(() => edge.counters().connections === 0)
    })
  }
}

t.test('TLS behind the header, in the same segment', needsAddon, async t => {
  const { edge, origin } = await stage(t, { tls: { certificates: keyPairs(t) } })
  const raw = await prefaced(edge.port, '')
  raw.cork()
  raw.write(line)
  const socket = connectSecurely({ socket: raw, servername: 'localhost', rejectUnauthorized: false })
  setImmediate(() => raw.uncork())
  socket.write(asked)
  await new Promise(resolve => socket.once('data', resolve))
  t.equal(origin.asked[0]!.headers['x-forwarded-for'], '198.51.100.7')
  raw.destroy()
})

for (const isSecure of [false, true]) {
  t.test(`a long upload at once behind it, ${isSecure ? 'TLS' : 'plain'}`, needsAddon, async t => {
    const { edge } = await stage(t, isSecure ? { tls: { certificates: keyPairs(t) } } : {})
    const length = 1_000_000
    const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`
    const raw = await prefaced(edge.port, isSecure ? line : '')
    const socket = isSecure ? connectSecurely({ socket: raw, rejectUnauthorized: false }) : raw
    socket.write(Buffer.concat([Buffer.from(isSecure ? head : line + head), Buffer.alloc(length)]))
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    t.match(text, /ok POST 1000000/)
  })
}

t.test(
  'a request of HTTP/1.1 with Upgrade, which Node gives away, is of the same client',
  needsAddon,
  async t => {
    const { origin, edge } = await stage(t)
    const client = await connectRaw(edge.port)
    client.write(`${line}GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n`)
    await client.until(/ok GET/)
    t.equal(origin.asked[0]!.headers['x-forwarded-for'], '198.51.100.7')
    client.socket.destroy()
  },
)

t.test('who is not believed is refused with it, like any bad request', needsAddon, async t => {
  for (const proxyFrom of [[], ['10.0.0.0/8']]) {
    const { origin, edge } = await stage(t, { proxyFrom })
    for (const header of [line, binaryHeader(0x21, 0x11, four)]) {
      const client = await connectRaw(edge.port)
      client.write(Buffer.concat([Buffer.from(header), Buffer.from(asked)]))
      t.match(await client.closed(), /^HTTP\/1\.1 400 /)
    }
    t.equal(origin.asked.length, 0)
    t.match(edge.counters(), { proxyHeadersRefused: 0 })
  }
})

const broken: [row: string, bytes: string | Buffer][] = [
  ['a line that is none', `PROXY TCP4 198.51.100.7\r\n${asked}`],
  ['a line without end', `PROXY UNKNOWN ${'f'.repeat(200)}`],
  ['version 3', Buffer.concat([binaryHeader(0x31, 0x11, four), Buffer.from(asked)])],
  ['half of a line', line.slice(0, 20)],
  ['half of version 2', binaryHeader(0x21, 0x11, four).subarray(0, 20)],
  ['nothing', ''],
]
for (const [row, bytes] of broken) {
  t.test(`believed, but ${row}: closed without an answer, counted and told`, needsAddon, async t => {
    const { origin, edge } = await stage(t, { headMs: '300ms' })
    const client = await connectRaw(edge.port)
    client.write(bytes)
    t.equal(await client.closed(), '')
    t.equal(origin.asked.length, 0)
    t.match(edge.counters(), { proxyHeadersRefused: 1 })
    t.match(
      edge.lines.filter(({ msg }) => msg === 'connections are closed at once'),
      [{ code: 'bad-proxy-header' }],
    )
    await until(() => edge.counters().connections === 0)
  })
}

t.test('who leaves in the middle of it is counted, who leaves before it is not', needsAddon, async t => {
  const { edge } = await stage(t)
  for (const [bytes, count] of [
    ['', 0],
    ['PROXY TCP', 1],
  ] as const) {
    const client = await connectRaw(edge.port)
    client.write(bytes)
    client.socket.end()
    t.equal(await client.closed(), '')
    t.match(edge.counters(), { proxyHeadersRefused: count })
  }
})

t.test(
  'connectionsPerAddressMax is of the addresses that it names, connectionsMax of all',
  needsAddon,
  async t => {
    const { edge } = await stage(t, { connectionsPerAddressMax: 1, connectionsMax: 4 })
    const clients = [await connectRaw(edge.port), await connectRaw(edge.port), await connectRaw(edge.port)]
    for (const [at, client] of clients.entries()) {
      client.write(`PROXY TCP4 198.51.100.${Math.min(at, 1)} 10.0.0.1 1000 80\r\n${asked}`)
      if (at < 2) await client.until(/ok GET/)
      else t.equal(await client.closed(), '')
    }
    await until(() => edge.counters().connections === 2)
    t.match(edge.counters(), { addressesRefused: 1, connectionsRefused: 0 })
    clients[1]!.socket.destroy()
    await until(() => edge.counters().connections === 1)
    const again = await connectRaw(edge.port)
    again.write(`PROXY TCP4 198.51.100.1 10.0.0.1 1000 80\r\n${asked}`)
    await again.until(/ok GET/)
    const silent = [await connectRaw(edge.port), await connectRaw(edge.port)]
    t.equal(await (await connectRaw(edge.port)).closed(), '')
    t.match(edge.counters(), { addressesRefused: 1, connectionsRefused: 1 })
    for (const client of [clients[0]!, again, ...silent]) client.socket.destroy()
  },
)
