import type { HttpResponse } from 'uWebSockets.js'
import { isIP } from 'node:net'
import t from 'tap'
import { addressText, PeerAddresses } from '../../respond/address.js'

const cases: [row: string, text: string, expected: string][] = [
  ['IPv4', '192.0.2.1', '192.0.2.1'],
  ['RFC 4291 2.5.5.2 mapped IPv4', '0000:0000:0000:0000:0000:ffff:7f00:0001', '127.0.0.1'],
  ['RFC 4291 2.5.5.2 mapped IPv4', '0000:0000:0000:0000:0000:ffff:ffff:00ff', '255.255.0.255'],
  ['RFC 5952 4.1 leading zeros', '2001:0db8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2:3:4:5:6'],
  ['RFC 5952 4.2.1 loopback', '0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
  ['RFC 5952 4.2.1 nothing but zeros', '0000:0000:0000:0000:0000:0000:0000:0000', '::'],
  ['RFC 5952 4.2.1 at the end', '2001:0db8:0000:0000:0000:0000:0000:0000', '2001:db8::'],
  ['RFC 5952 4.2.2 not for one group', '2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
  ['RFC 5952 4.2.3 the longest run', '2001:0000:0000:0001:0000:0000:0000:0001', '2001:0:0:1::1'],
  ['RFC 5952 4.2.3 the first of two', '2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
]
for (const [row, text, expected] of cases) {
  t.test(`addressText() ${row}: ${expected}`, async t => {
    t.equal(addressText(text), expected)
    t.not(isIP(expected), 0)
  })
}

/** A connection `number` whose engine counts how often it is asked. */
function connection(number: number, address: string) {
  const asked = { number, times: 0 }
  const getRemoteAddressAsText = () => {
    asked.times += 1
    return new TextEncoder().encode(address).buffer
  }
  return { asked, response: { asked, getRemoteAddressAsText } as unknown as HttpResponse }
}

const numberOf = (response: HttpResponse) =>
  (response as unknown as { asked: { number: number } }).asked.number

t.test('PeerAddresses asks once for a connection, and anew for another in its place', async t => {
  const peers = new PeerAddresses(numberOf)
  const first = connection(7, '192.0.2.1')
  t.equal(peers.of(first.response), '192.0.2.1')
  t.equal(peers.of(first.response), '192.0.2.1')
  t.equal(first.asked.times, 1)
  const other = connection(8, '192.0.2.2')
  t.equal(peers.of(other.response), '192.0.2.2')
  peers.forget(first.response)
  t.equal(peers.of(connection(7, '192.0.2.3').response), '192.0.2.3')
})

t.test('PeerAddresses keeps nothing of what is over, gone, or cannot be told apart', async t => {
  for (const [peers, address] of [
    [new PeerAddresses(() => 0), '192.0.2.1'],
    [new PeerAddresses(numberOf), ''],
    [new PeerAddresses(undefined), '192.0.2.1'],
  ] as const) {
    const { asked, response } = connection(7, address)
    t.equal(peers.of(response), address)
    t.equal(peers.of(response), address)
    t.equal(asked.times, 2)
    peers.forget(response)
  }
})
