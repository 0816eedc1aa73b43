// Plays: what an origin says before its answer (103, RFC 8297) reaches the client that asked, on the engine that can.
import { connect } from 'node:http2'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'

const links = ['</a.css>; rel=preload; as=style', '</b.js>; rel=preload; as=script']

async function stage(t: Test, listener: Record<string, unknown>) {
  const origin = await startOrigin(t, (_, response) => {
    response.writeEarlyHints({ link: links, 'x-secret': 'y' })
    response.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }).end('ok')
  })
  const listen = [{ address: '127.0.0.1', port: 0, ...listener }]
  return startEdge(t, testConfig(t, [origin.url], {}, { listen }))
}

async function tell(port: number, version: string): Promise<string> {
  const client = await connectRaw(port)
  client.write(`GET /${version} HTTP/${version}\r\nHost: a\r\n\r\n`)
  const text = await client.until(/ok$/)
  client.socket.destroy()
  return text
}

t.test('node: a client of HTTP/1.1 gets them, once; one of 1.0 and a hit do not', needsAddon, async t => {
  const { port } = await stage(t, { engine: 'node' })
  const text = await tell(port, '1.1')
  t.match(text, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>.*<\/b\.js>[^\n]*\r\n\r\nHTTP\/1\.1 200 /)
  t.notMatch(text, /secret/i, 'nothing but links')
  t.notMatch(await tell(port, '1.1'), /103/)
  t.notMatch(await tell(port, '1.0'), /103/)
})

t.test('node: a client of HTTP/2 gets them', needsAddon, async t => {
  const { port } = await stage(t, { engine: 'node', tls: { certificates: keyPairs(t) } })
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false })
  t.teardown(() => session.destroy())
  const stream = session.request({ ':path': '/', ':authority': 'a' })
  const hints: unknown[] = []
  stream.on('headers', headers => hints.push([headers[':status'], headers.link]))
  await new Promise(resolve => stream.once('response', resolve))
  t.strictSame(hints, [[103, links.join(', ')]])
  stream.resume()
  await new Promise(resolve => stream.once('end', resolve))
})

t.test('uws: they are skipped', async t => {
  const { port } = await stage(t, {})
  t.match(await tell(port, '1.1'), /^HTTP\/1\.1 200 /)
})
