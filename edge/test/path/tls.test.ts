// TLS to clients, on a real edge: which certificate is shown, what origins are told, what is shared with plain HTTP.
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'

const engines = ['uws', 'node'] as const
type Engine = (typeof engines)[number]

async function secureEdge(
  t: Test,
  engine: Engine,
  script = always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }, 'ok'),
  more: { ticketKeys?: Buffer } = {},
) {
  const certificates = keyPairs(t)
  const origin = await startOrigin(t, script)
  const address = '127.0.0.1'
  const listen = [
    { address, port: 0 },
    { address, port: 0, engine, tls: { certificates } },
  ]
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { listen }), undefined, more)
  return { origin, edge, plainPort: edge.serving.ports[0], port: edge.serving.ports[1] }
}

async function secured(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return socket
}

function answerOf(socket: Socket, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(text))
    socket.write(`${head}\r\nConnection: close\r\n\r\n`)
  })
}

/** TLS 1.3 gives it after the handshake. */
function sessionOf(socket: TLSSocket): Promise<Buffer> {
  return new Promise(resolve => socket.once('session', resolve))
}

function nameShown(socket: TLSSocket): string {
  return String(socket.getPeerCertificate().subject.CN)
}

const shown: [row: string, servername: string | undefined, name: string][] = [
  ['of the name', 'other.example', 'other.example'],
  ['of the wildcard', 'a.other.example', 'other.example'],
  ['the first, for a name below the wildcard of its own', 'a.b.other.example', 'localhost'],
  ['the first, for its name', 'localhost', 'localhost'],
  ['the first, for nobody that is known', 'else.example', 'localhost'],
  ['the first, without a name', undefined, 'localhost'],
]

for (const engine of engines) {
  t.test(`${engine}: the certificate is chosen by name (RFC 6066 3)`, async t => {
    const { port } = await secureEdge(t, engine)
    for (const [row, servername, name] of shown) {
      const socket = await secured(port, servername === undefined ? {} : { servername })
      t.equal(nameShown(socket), name, row)
      const answer = await answerOf(socket, 'GET / HTTP/1.1\r\nHost: play.example')
      t.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/, row)
    }
  })

  t.test(`${engine}: TLS 1.2 and 1.3, nothing older, nothing weak`, async t => {
    const { port } = await secureEdge(t, engine)
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await secured(port, { minVersion: version, maxVersion: version })
      t.equal(socket.getProtocol(), version)
      socket.destroy()
    }
    await t.rejects(secured(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }))
    const weak = {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-SHA:AES128-SHA:AES128-GCM-SHA256',
    } as const
    await t.rejects(secured(port, weak))
  })

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    t.test(`${engine}: a session is resumed with ${maxVersion}`, async t => {
      const { port } = await secureEdge(t, engine)
      const first = await secured(port, { maxVersion })
      const session = maxVersion === 'TLSv1.2' ? first.getSession() : sessionOf(first)
      await answerOf(first, 'GET / HTTP/1.1\r\nHost: play.example')
      const second = await secured(port, { maxVersion, session: await session })
      t.ok(second.isSessionReused())
      t.match(await answerOf(second, 'GET / HTTP/1.1\r\nHost: play.example'), /ok$/)
    })
  }

  t.test(`${engine}: what is https is told to the origin, keyed apart, and of port 443`, async t => {
    const { origin, port, plainPort } = await secureEdge(t, engine)
    const ask = async (host: string) => {
      const answer = await answerOf(await secured(port), `GET /a HTTP/1.1\r\nHost: ${host}`)
      return /Cache-Status: naij; ([a-z]+)/.exec(answer)?.[1]
    }
    t.equal(await ask('play.example'), 'fwd')
    t.equal(await ask('play.example:443'), 'hit', 'the port of the scheme')
    t.equal(await ask('play.example:80'), 'fwd', 'another port')
    const plain = await get(plainPort, '/a', { headers: { Host: 'play.example' } })
    t.match(plain.headers['cache-status'], /fwd=uri-miss/)
    t.strictSame(
      origin.asked.map(({ headers }) => [headers.host, headers['x-forwarded-proto']]),
      [
        ['play.example', 'https'],
        ['play.example:80', 'https'],
        ['play.example', 'http'],
      ],
    )
  })

  t.test(`${engine}: plain HTTP to a port of TLS is no request`, async t => {
    const { origin, port } = await secureEdge(t, engine)
    await t.rejects(get(port, '/'))
    t.equal(origin.asked.length, 0)
  })
}

t.test(
  'node: a session that another worker began is resumed, as both have the keys of the generation',
  async t => {
    const ticketKeys = randomBytes(48)
    for (const [keys, isReused] of [
      [ticketKeys, true],
      [randomBytes(48), false],
    ] as const) {
      const [one, other] = [
        await secureEdge(t, 'node', undefined, { ticketKeys }),
        await secureEdge(t, 'node', undefined, { ticketKeys: keys }),
      ]
      const first = await secured(one.port)
      const session = sessionOf(first)
      await answerOf(first, 'GET / HTTP/1.1\r\nHost: play.example')
      const second = await secured(other.port, { session: await session })
      t.equal(second.isSessionReused(), isReused)
      t.match(await answerOf(second, 'GET / HTTP/1.1\r\nHost: play.example'), /ok$/)
    }
  },
)
