// Plays on the engine node: connections that Node gives away, and heads that its HTTP/2 would not write, end nothing but
// themselves.
import { connect as connectSession } from 'node:http2'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { connectRaw, get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { until } from '../support/play.js'
import { handshake } from '../support/web-socket.js'

async function stage(t: Test) {
  const origin = await startRawOrigin(t, (socket, head) => {
    if (head.startsWith('GET /ok')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })
  const listen = [{ address: '127.0.0.1', port: 0, engine: 'node' }]
  return { origin, edge: await startEdge(t, testConfig(t, [origin.url], {}, { listen })) }
}

t.test('a client that resets while its handshake waits, or behind CONNECT', needsAddon, async t => {
  const { origin, edge } = await stage(t)
  const waiting = await connectRaw(edge.port)
  waiting.write(handshake())
  await until(() => origin.heads.length === 1)
  waiting.socket.resetAndDestroy()
  await edge.idle()
  for (let time = 0; time < 20; time += 1) {
    const tunnel = await connectRaw(edge.port)
    tunnel.write('CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n')
    setImmediate(() => tunnel.socket.resetAndDestroy())
    await tunnel.closed()
  }
  t.equal((await get(edge.port, '/ok')).text, 'ok', 'it goes on')
})

t.test(
  'what asks for an upgrade behind a request that is not answered waits its turn',
  needsAddon,
  async t => {
    const { edge } = await stage(t)
    const first = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n'
    const other = 'GET /ok2 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
    const client = await connectRaw(edge.port)
    client.write(first + other)
    t.equal((await client.until(/ok[\s\S]*200 OK[\s\S]*ok$/)).split('200 OK').length, 3)
    client.socket.destroy()
    const eager = await connectRaw(edge.port)
    eager.write(first + handshake())
    await eager.until(/200 OK[\s\S]*ok$/)
    eager.socket.destroy()
    await edge.idle()
    t.equal((await get(edge.port, '/ok')).text, 'ok', 'it goes on')
  },
)

t.test('fields on several lines, and what HTTP/2 has no field for (RFC 9113 8.2.2)', needsAddon, async t => {
  const origin = await startOrigin(t, (_, response) => {
    response.writeHead(200, [
      ...['X-Content-Type-Options', 'nosniff', 'X-Content-Type-Options', 'nosniff'],
      ...['Content-Language', 'en', 'Content-Language', 'yo', 'Vary', 'A', 'Vary', 'B'],
      ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'HTTP2-Settings', 'x'],
    ])
    response.end('ok')
  })
  const listen = [{ address: '127.0.0.1', port: 0, engine: 'node', tls: { certificates: keyPairs(t) } }]
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { listen }))
  const session = connectSession(`https://localhost:${edge.port}`, { rejectUnauthorized: false })
  t.teardown(() => session.destroy())
  const stream = session.request({ ':path': '/', ':authority': 'a' })
  const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
    stream.once('response', resolve)
    stream.once('error', reject)
  })
  t.match(headers, {
    ':status': 200,
    'x-content-type-options': 'nosniff, nosniff',
    'content-language': 'en, yo',
  })
  t.strictSame([headers['set-cookie'], headers['http2-settings']], [['a=1', 'b=2'], undefined])
  stream.resume()
  await new Promise(resolve => stream.once('end', resolve))
})
