import t from 'tap'
import { Door, networkOf } from '../../accept/door.js'

function doorOf(connectionsMax: number, perAddressMax?: number) {
  const counters = {
    connections: 0,
    connectionsRefused: 0,
    addressesRefused: 0,
    connectionsShed: 0,
    proxyHeadersRefused: 0,
  }
  const refused: string[] = []
  const door = new Door({ connectionsMax, perAddressMax }, counters, why => refused.push(why))
  return { door, counters, refused }
}

t.test('Door.enter() lets in so many in all, and again who comes when some have left', async t => {
  const { door, counters, refused } = doorOf(2)
  t.strictSame([door.enter(), door.enter(), door.enter()], [true, true, false])
  t.strictSame(counters, {
    connections: 3,
    connectionsRefused: 1,
    addressesRefused: 0,
    connectionsShed: 0,
    proxyHeadersRefused: 0,
  })
  t.strictSame(refused, ['connections'])
  door.leave()
  t.notOk(door.enter(), 'two are still in')
  door.leave()
  door.leave()
  t.ok(door.enter())
})

t.test('Door.enter() lets in so many of one address, of IPv6 of one network', async t => {
  const { door, counters, refused } = doorOf(100, 2)
  for (const [address, isIn] of [
    ['192.0.2.1', true],
    ['192.0.2.1', true],
    ['192.0.2.1', false],
    ['192.0.2.2', true],
    ['2001:db8::1', true],
    ['2001:db8:0:0:1::2', true],
    ['2001:db8::3', false],
    ['2001:db8:0:1::1', true],
  ] as const) {
    t.equal(door.enter(address), isIn, address)
  }
  t.strictSame(counters, {
    connections: 8,
    connectionsRefused: 0,
    addressesRefused: 2,
    connectionsShed: 0,
    proxyHeadersRefused: 0,
  })
  t.strictSame(refused, ['address', 'address'])
  door.leave('192.0.2.1')
  door.leave('192.0.2.1')
  t.ok(door.enter('192.0.2.1'))
})

t.test('Door.know() counts the address of one that entered without, and leave() takes it back', async t => {
  const { door, counters, refused } = doorOf(100, 1)
  t.strictSame([door.enter(), door.enter(), door.enter()], [true, true, true])
  t.strictSame([door.know('192.0.2.1'), door.know('192.0.2.1'), door.know('')], [true, false, true])
  t.match(counters, { connections: 3, addressesRefused: 1 })
  door.leave('192.0.2.1')
  door.leave('192.0.2.1')
  t.ok(door.know('192.0.2.1'))
  t.notOk(door.refuse('proxy'))
  t.match(counters, { connections: 1, addressesRefused: 1, proxyHeadersRefused: 1 })
  t.strictSame(refused, ['address', 'proxy'])
})

t.test('networkOf() is the address of IPv4, and the /64 of IPv6', async t => {
  for (const [address, network] of [
    ['', ''],
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1::6', '2001:db8:1:0::/64'],
  ] as const) {
    t.equal(networkOf(address), network, address)
  }
})
