// Heads that are written past the stream, and those that are not; what is special to connections over TLS. All else of a
// connection is shown by pool.test.ts and send.test.ts.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import t from 'tap'
import { originAt, sent, uploadOf } from '../support/answers.js'
import { startRawOrigin } from '../support/origin.js'
import { certificate, key } from './support/certificate.js'

t.test('heads of any length arrive whole and in their order, with bodies between them', async t => {
  const ports = new Set<number | undefined>()
  const raw = await startRawOrigin(t, socket => {
    ports.add(socket.remotePort)
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const origin = originAt(t, raw.url)
  const start = 'GET / HTTP/1.1\r\nHost: a\r\nX: '
  for (const [turn, bytes] of [100, 16_383, 16_384, 16_385, 100, 60_000, 200].entries()) {
    const value = `${turn}\xe9\xff`.padEnd(bytes - start.length - 4, 'x')
    t.equal((await sent(origin, { fields: ['Host', 'a', 'X', value] })).body, 'ok')
    t.equal(raw.heads.at(-1), `${start}${value}\r\n\r\n`, `${bytes} bytes`)
    const body = uploadOf(t)
    body.receive(new Uint8Array(0).buffer, true)
    t.equal((await sent(origin, { method: 'POST', body, bodyBytes: 0 })).body, 'ok')
    t.match(raw.heads.at(-1), /^POST /)
  }
  t.equal(ports.size, 1, 'over one connection')
})

t.test('one that the origin has reset while it was free fails as ever', async t => {
  const raw = await startRawOrigin(t, socket => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    setImmediate(() => socket.resetAndDestroy())
  })
  const origin = originAt(t, raw.url)
  for (let turn = 0; turn < 20; turn += 1) {
    const { body, error } = await sent(origin)
    if (error === undefined) t.equal(body, 'ok')
    else t.match(error, { code: /^(origin-(reset|closed)|connect-failed)$/, status: 502 })
  }
})

t.test('RFC 9110 4.3.4: an origin with a certificate that nobody has signed gets no request', async t => {
  let asked = ''
  const server = createTlsServer({ key, cert: certificate }, socket => {
    socket.on('data', data => {
      asked += data
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const host of ['127.0.0.1', 'localhost']) {
    const origin = originAt(t, `https://${host}:${port}`)
    const noted = await sent(origin)
    t.match(noted.error, { code: 'tls-failed', status: 502, retry: true }, host)
    t.strictSame(origin.pool.size, { connections: 0, free: 0, waiting: 0, switched: 0 })
  }
  t.equal(asked, '')
})

t.test('an origin is verified by the authorities of its site, under the name that is meant', async t => {
  const heads: string[] = []
  const server = createTlsServer({ key, cert: certificate }, socket => {
    socket.on('error', () => {})
    socket.on('data', data => {
      heads.push(`${(socket as unknown as { servername: string }).servername} ${data.length > 0}`)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const caFile = join(t.testdir({ 'ca.pem': certificate }), 'ca.pem')
  const rows: [host: string, name: string | undefined, body: string, servername: string | undefined][] = [
    ['localhost', undefined, 'ok', 'localhost'],
    ['127.0.0.1', undefined, 'ok', 'false'],
    ['127.0.0.1', 'localhost', 'ok', 'localhost'],
    ['localhost', 'other.example', '', undefined],
  ]
  for (const [host, name, body, servername] of rows) {
    heads.length = 0
    const originTls = { caFile, ...(name && { name }) }
    const noted = await sent(originAt(t, `https://${host}:${port}`, {}, { originTls }))
    t.equal(noted.body, body, `${host} ${name}`)
    if (servername !== undefined) t.strictSame(heads, [`${servername} true`])
    else t.match(noted.error, { code: 'tls-failed', status: 502 })
  }
})

t.test('an origin that does not speak TLS', async t => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const noted = await sent(originAt(t, `https://127.0.0.1:${port}`))
  t.match(noted.error, { code: /tls-failed|connect-failed/, status: 502 })
})

t.test('an IPv6 address', async t => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'))
  })
  server.listen(0, '::1')
  const isListening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ])
  t.teardown(() => server.close())
  if (!isListening) {
    t.comment('this machine has no IPv6')
    return
  }
  const { port } = server.address() as AddressInfo
  const noted = await sent(originAt(t, `http://[::1]:${port}`))
  t.equal(noted.status, 204)
})
