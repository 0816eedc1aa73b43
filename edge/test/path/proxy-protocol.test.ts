// Plays: who connects for somebody else and says so by the PROXY protocol (version 2) to the engine uws is believed when
// the listener says so, and nobody else. That of the engine node has plays of its own (proxy-node.test.ts).
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { accessLines } from '../support/play.js'
import { binaryHeader, four, six } from '../support/proxy-headers.js'

const forFour = binaryHeader(0x21, 0x11, four)
const forSix = binaryHeader(0x21, 0x21, six)

const cases: [row: string, proxyFrom: string[], preface: Buffer, address: string][] = [
  ['believed, IPv4', ['127.0.0.0/8'], forFour, '198.51.100.7'],
  ['believed, IPv6', ['10.0.0.1', '127.0.0.1'], forSix, '2001:db8::7'],
  ['it did not say', ['127.0.0.1'], Buffer.alloc(0), '127.0.0.1'],
  ['somebody else', ['10.0.0.0/8'], forFour, '127.0.0.1'],
  ['nobody is believed', [], forFour, '127.0.0.1'],
]
for (const [row, proxyFrom, preface, address] of cases) {
  t.test(`the PROXY protocol: ${row}`, async t => {
    const origin = await startOrigin(t, (_, response) => void response.end('ok'))
    const listen = [{ address: '127.0.0.1', port: 0, proxyFrom }]
    const edge = await startEdge(t, testConfig(t, [origin.url], {}, { listen }))
    const client = await connectRaw(edge.port)
    client.write(Buffer.concat([preface, Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')]))
    await client.until(/200 OK[\s\S]*ok/)
    client.socket.destroy()
    t.equal(origin.asked[0]!.headers['x-forwarded-for'], address)
    await edge.idle()
    t.match(accessLines(edge), [{ client: address }])
  })
}

t.test('the PROXY protocol: the engine knows no version 1, from whomever', async t => {
  const origin = await startOrigin(t, (_, response) => void response.end('ok'))
  const listen = [{ address: '127.0.0.1', port: 0, proxyFrom: ['127.0.0.1'] }]
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { listen }))
  const client = await connectRaw(edge.port)
  client.write('PROXY TCP4 198.51.100.7 10.0.0.1 1000 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await client.closed(), /^HTTP\/1\.1 (400|505) /)
  t.equal(origin.asked.length, 0)
})
