import t from 'tap'
import { identify, keyPrefix, variantKey, variantOf } from '../../cache/identify.js'
import { exchangeOf } from '../support/exchange.js'

t.test('identify() makes a key of scheme, site, host, path and query (RFC 9111 2)', async t => {
  t.equal(
    identify(exchangeOf({ keyPrefix: keyPrefix('shop', 'a.example'), target: '/p?q=1' })),
    'http shop a.example/p?q=1',
  )
})

t.test('identify() never makes one key of two resources', async t => {
  const exchanges = [
    exchangeOf({ keyPrefix: keyPrefix('shop', 'a.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('shop', 'b.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('shop2', 'a.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('shop', 'a.example'), target: '/?' }),
    exchangeOf({ keyPrefix: keyPrefix('shop', 'a.example'), target: '//' }),
  ]
  t.equal(new Set(exchanges.map(identify)).size, exchanges.length)
})

const cases: [row: string, names: string[], a: string[], b: string[], same: boolean][] = [
  ['RFC 9111 4.1 equal values', ['x'], ['x', '1'], ['x', '1'], true],
  ['RFC 9111 4.1 other values', ['x'], ['x', '1'], ['x', '2'], false],
  ['RFC 9111 4.1 absent matches absent', ['x'], [], [], true],
  ['RFC 9111 4.1 absent is not empty', ['x'], [], ['x', ''], false],
  ['RFC 9110 5.3 lines are joined', ['x'], ['x', '1', 'x', '2'], ['x', '1, 2'], true],
  ['what is not named does not select', ['x'], ['x', '1', 'y', '2'], ['x', '1', 'y', '3'], true],
  [
    'codings are reduced',
    ['accept-encoding'],
    ['accept-encoding', 'gzip, foo'],
    ['accept-encoding', 'gzip;q=0.5'],
    true,
  ],
  ['RFC 9110 7.6.1 what Connection strips', ['x'], ['connection', 'x', 'x', '1'], [], true],
]
for (const [row, names, a, b, same] of cases) {
  t.test(`variantOf() ${row}`, async t => {
    const [first, second] = [a, b].map(fields => variantOf(names, exchangeOf({ fields })))
    t.equal(first === second, same, `${first} | ${second}`)
  })
}

t.test('variantOf() keeps the names of variants short', async t => {
  const of = (cookie: string) => variantOf(['cookie'], exchangeOf({ fields: ['cookie', cookie] }))
  t.equal(of('a'.repeat(10_000)).length, 43)
  t.not(of('a'.repeat(10_000)), of('a'.repeat(10_001)))
  t.ok(of('a'.repeat(200)).includes('aaa'), 'a short one stays readable')
})

t.test('variantKey() hangs below its key, where no URL can be', async t => {
  t.equal(variantKey('http shop a.example/', 'v'), 'http shop a.example/\nv')
})
