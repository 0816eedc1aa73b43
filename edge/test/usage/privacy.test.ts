import t from 'tap'
import { shownAddress, shownTarget } from '../../usage/privacy.js'

t.test('shownAddress() leaves a network, nothing, or all', async t => {
  const table: [address: string, truncated: string][] = [
    ['192.0.2.77', '192.0.2.0'],
    ['127.0.0.1', '127.0.0.0'],
    ['2001:db8:1234:5678:9abc:def0:1:2', '2001:db8:1234::'],
    ['2001:db8:1234::1', '2001:db8:1234::'],
    ['2001:db8::1', '2001:db8::'],
    ['2001:db8::5678:9abc:def0:1:2', '2001:db8::'],
    ['fe80::1', 'fe80::'],
    ['::1', '::'],
    ['::', '::'],
    ['0:0:1::', '0:0:1::'],
    ['', ''],
  ]
  for (const [address, truncated] of table) {
    t.equal(shownAddress(address, { clientAddress: 'truncated' }), truncated, address)
    t.equal(shownAddress(address, { clientAddress: 'whole' }), address)
    t.equal(shownAddress(address, { clientAddress: 'off' }), '')
  }
})

t.test('shownTarget() may leave the query out', async t => {
  const table: [target: string, without: string][] = [
    ['/a?token=1', '/a'],
    ['/a?b?c', '/a'],
    ['/a', '/a'],
    ['?x', ''],
    ['*', '*'],
  ]
  for (const [target, without] of table) {
    t.equal(shownTarget(target, { query: 'off' }), without, target)
    t.equal(shownTarget(target, { query: 'whole' }), target)
  }
})
