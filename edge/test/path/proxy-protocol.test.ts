// Plays: who connects for somebody else and says so by the PROXY protocol (version 2) is believed when the listener
// says so, and nobody else.
import t from 'tap'
import { connectRaw } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { startOrigin } from '../support/origin.js'
import { accessLines } from '../support/play.js'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** From 198.51.100.7 port 1000. */
const forFour = Buffer.concat([
  signature,
  Buffer.from([0x21, 0x11, 0, 12, 198, 51, 100, 7, 10, 0, 0, 1, 3, 232, 0, 80]),
])

/** From 2001:db8::7 port 1000. */
const forSix = Buffer.concat([
  signature,
  Buffer.from([
    0x21,
    0x21,
    0,
    36,
    0x20,
    1,
    0xd,
    0xb8,
    ...Array<number>(11).fill(0),
    7,
    ...Array<number>(15).fill(0),
    1,
  ]),
  Buffer.from([3, 232, 0, 80]),
])

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
