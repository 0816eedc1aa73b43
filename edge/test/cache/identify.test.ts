import t from 'tap'
import {
  identify,
  keyPrefix,
  keysOfPurgeName,
  languageRest,
  languagesAsked,
  purgeName,
  variantKey,
  variantOf,
} from '../../cache/identify.js'
import { exchangeOf, siteOf } from '../support/exchange.js'

t.test('identify() makes a key of scheme, site, host, path and query (RFC 9111 2)', async t => {
  t.equal(
    identify(exchangeOf({ keyPrefix: keyPrefix('http', 'shop', 'a.example'), target: '/p?q=1' })),
    'http shop a.example/p?q=1',
  )
})

t.test('identify() never makes one key of two resources', async t => {
  const exchanges = [
    exchangeOf({ keyPrefix: keyPrefix('http', 'shop', 'a.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('http', 'shop', 'b.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('http', 'shop2', 'a.example'), target: '/' }),
    exchangeOf({ keyPrefix: keyPrefix('http', 'shop', 'a.example'), target: '/?' }),
    exchangeOf({ keyPrefix: keyPrefix('http', 'shop', 'a.example'), target: '//' }),
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
  t.equal(variantKey('http shop a.example/', 'g', 'v'), 'http shop a.example/\ng\nv')
})

t.test('purgeName() is the same under both schemes, and keysOfPurgeName() are the two', async t => {
  for (const scheme of ['http', 'https'] as const) {
    const key = `${keyPrefix(scheme, 'https', 'a.example')}/https`
    t.equal(purgeName(key), 'http https a.example/https')
    t.ok(keysOfPurgeName(purgeName(key)).includes(key), scheme)
  }
})

t.test('keyPrefix() begins another key when other fields join it', async t => {
  t.equal(keyPrefix('http', 'shop', 'a.example', []), 'http shop a.example')
  t.equal(keyPrefix('http', 'shop', 'a.example', ['x-b', 'x-a']), 'http shop a.example x-a,x-b')
  t.equal(
    keyPrefix('http', 'shop', 'a.example', ['x-a', 'x-b']),
    keyPrefix('http', 'shop', 'a.example', ['x-b', 'x-a']),
  )
})

const countries = siteOf({ cache: { keyFields: ['x-country', 'x-device'] } })
const keyed: [row: string, names: string[], a: string[], b: string[], same: boolean][] = [
  ['equal values', [], ['x-country', 'de'], ['x-country', 'de'], true],
  ['other values', [], ['x-country', 'de'], ['x-country', 'fr'], false],
  ['absent is a value', [], [], ['x-country', ''], false],
  ['list space', [], ['x-country', 'de,fr'], ['x-country', ' de , fr '], true],
  [
    'no value looks like another key',
    [],
    ['x-country', 'de', 'x-device', '1'],
    ['x-country', 'de;x-device:2=1'],
    false,
  ],
  ['beside Vary', ['a'], ['x-country', 'de', 'a', '1'], ['x-country', 'de', 'a', '2'], false],
  ['named by Vary too', ['x-country'], ['x-country', 'de'], ['x-country', 'de'], true],
  ['what is not named', [], ['x-country', 'de', 'b', '1'], ['x-country', 'de', 'b', '2'], true],
]
for (const [row, names, a, b, same] of keyed) {
  t.test(`variantOf() of a site with key fields: ${row}`, async t => {
    const [first, second] = [a, b].map(fields => variantOf(names, exchangeOf({ site: countries, fields })))
    t.equal(first === second, same, `${first} | ${second}`)
  })
}

t.test('variantOf() names nothing when nothing selects', async t => {
  t.equal(variantOf([], exchangeOf({ site: siteOf(), fields: ['a', '1'] })), '')
  t.not(variantOf([], exchangeOf({ site: countries })), '')
})

t.test('languageRest() is what selects beside Accept-Language', async t => {
  const x = exchangeOf({ fields: ['accept-language', 'de', 'a', '1'] })
  t.equal(languageRest(['a'], x), undefined)
  t.equal(languageRest(['accept-language'], x), '')
  t.equal(languageRest(['a', 'accept-language'], x), variantOf(['a'], x))
  const keyed = exchangeOf({ site: countries, fields: ['accept-language', 'de', 'x-country', 'de'] })
  t.equal(languageRest(['accept-language'], keyed), variantOf([], keyed))
})

t.test('languagesAsked() joins lines and leaves out what Connection strips', async t => {
  t.equal(languagesAsked(exchangeOf()), '')
  const lines = ['accept-language', 'de', 'accept-language', 'en']
  t.equal(languagesAsked(exchangeOf({ fields: lines })), 'de, en')
  t.equal(languagesAsked(exchangeOf({ fields: [...lines, 'connection', 'accept-language'] })), '')
})
