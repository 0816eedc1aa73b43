import t from 'tap'
import { networkTest } from '../../accept/networks.js'

const networks = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::1']
const cases: [address: string, isOne: boolean][] = [
  ['127.0.0.1', true],
  ['127.0.0.2', false],
  ['10.255.0.1', true],
  ['11.0.0.1', false],
  ['2001:db8:1::1', true],
  ['2001:db9::1', false],
  ['::1', true],
  ['', false],
]
t.test('networkTest() knows addresses and networks', async t => {
  const isOne = networkTest(networks)!
  for (const [address, expected] of cases) t.equal(isOne(address), expected, address)
  t.equal(networkTest([]), undefined)
})
