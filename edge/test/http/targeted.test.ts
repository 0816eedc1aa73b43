import t from 'tap'
import { type CacheControl, emptyCacheControl } from '../../http/cache-control.js'
import { effectiveCacheControl } from '../../http/targeted.js'
import { hostileInputs } from './random.js'

const targets = ['naij-cache-control', 'cdn-cache-control']

function effective(fields: string[], surrogateControl = true) {
  return effectiveCacheControl({ fields, targets, surrogateControl })
}

/** What a ruling field says, beside what an empty one says. */
const says = (changes: Partial<CacheControl>) => ({ ...emptyCacheControl(), ...changes })

const CDN = 'CDN-Cache-Control'
const ruling: [section: string, value: string, expected: Partial<CacheControl>][] = [
  ['2.1 integer', 'max-age=60', { maxAge: 60 }],
  ['2.1 the last of a key', 'max-age=60, max-age=0', { maxAge: 0 }],
  ['2.1 zero', 'max-age=0', { maxAge: 0 }],
  ['2.1 negative', 'max-age=-1', { maxAge: 'invalid' }],
  ['2.1 saturates', 'max-age=99999999999', { maxAge: 2 ** 31 }],
  ['2.1 flags', 'no-store, must-revalidate', { noStore: true, mustRevalidate: true }],
  ['2.1 false is not said', 'no-store=?0, public', { public: true }],
  ['2.1 unknown directives', 'foo=1, max-age=1, bar', { maxAge: 1 }],
  ['2.1 parameters are ignored', 'max-age=1;x=2', { maxAge: 1 }],
  ['2.1 a wrong type is ignored', 'max-age="60", s-maxage=1.5, private', { privateAll: true }],
  ['2.1 no-cache', 'no-cache', { noCache: true }],
  ['2.1 names in a string', 'no-cache="A, b"', { noCacheFields: ['a', 'b'] }],
  ['2.1 names in an inner list', 'private=("A" b)', { privateFields: ['a', 'b'] }],
  ['2.1 a name as token', 'private=A', { privateFields: ['a'] }],
  ['2.1 names that nobody can read', 'private="a b"', { privateAll: true }],
  ['2.1 no names', 'no-cache=()', { noCache: true }],
  [
    '2.1 stale times',
    'stale-while-revalidate=5, stale-if-error=6',
    { staleWhileRevalidate: 5, staleIfError: 6 },
  ],
]
for (const [section, value, expected] of ruling) {
  t.test(`effectiveCacheControl() RFC 9213 ${section}: rules`, async t => {
    t.strictSame(effective(['Cache-Control', 'no-store, max-age=1', CDN, value]), {
      cacheControl: says(expected),
      source: 'cdn-cache-control',
      expiresCounts: false,
    })
  })
}

const absent: [section: string, value: string][] = [
  ['2.1 empty', ''],
  ['2.1 a parse error', 'max-age=60, &'],
  ['2.1 upper case is a parse error', 'Max-Age=60'],
  ['2.1 only a wrong type', 'max-age="60"'],
  ['2.1 names of a wrong type', 'no-cache=(1), private=2'],
  ['2.1 false', 'no-cache=?0, no-store=?0'],
  ['2.1 only unknown', 'foo'],
]
for (const [section, value] of absent) {
  t.test(`effectiveCacheControl() RFC 9213 ${section}: as if absent`, async t => {
    t.strictSame(effective(['Cache-Control', 'max-age=1', CDN, value]), {
      cacheControl: says({ maxAge: 1 }),
      source: 'cache-control',
      expiresCounts: true,
    })
  })
}

const sources: [section: string, fields: string[], source: string, maxAge: number | undefined][] = [
  ['9213 2.2 nothing at all', [], 'cache-control', undefined],
  [
    '9213 2.2 the first target',
    [CDN, 'max-age=1', 'naij-cache-control', 'max-age=2'],
    'naij-cache-control',
    2,
  ],
  ['9213 2.2 the first that counts', ['Naij-Cache-Control', '', CDN, 'max-age=1'], 'cdn-cache-control', 1],
  ['9213 2.1 lines are combined', [CDN, 'max-age=1', CDN, 'max-age=2'], 'cdn-cache-control', 2],
  ['9213 2.1 a bad line spoils all', [CDN, 'max-age=1', CDN, '&'], 'cache-control', undefined],
  [
    '9213 2.2 a target before Surrogate-Control',
    [CDN, 'max-age=1', 'Surrogate-Control', 'max-age=2'],
    'cdn-cache-control',
    1,
  ],
  [
    'Surrogate-Control',
    ['Cache-Control', 'max-age=1', 'Surrogate-Control', 'MAX-AGE=2'],
    'surrogate-control',
    2,
  ],
  [
    'Surrogate-Control says nothing that counts',
    ['Surrogate-Control', 'content="ESI/1.0"'],
    'cache-control',
    undefined,
  ],
  [
    'Surrogate-Control for another surrogate',
    ['Surrogate-Control', 'max-age=2;abc'],
    'cache-control',
    undefined,
  ],
  ['Surrogate-Control invalid', ['Surrogate-Control', 'max-age=-2'], 'cache-control', undefined],
]
for (const [section, fields, source, maxAge] of sources) {
  t.test(`effectiveCacheControl() ${section}`, async t => {
    const result = effective(fields)
    t.equal(result.source, source)
    t.equal(result.cacheControl.maxAge, maxAge)
    t.equal(result.expiresCounts, source === 'cache-control')
  })
}

t.test('effectiveCacheControl() reads Surrogate-Control only where it is on', async t => {
  const fields = ['Surrogate-Control', 'max-age=60+30, max-age=1, content="ESI/1.0"']
  t.equal(effective(fields, false).source, 'cache-control')
  t.strictSame(effective(fields).cacheControl, says({ maxAge: 60, staleWhileRevalidate: 30 }))
  t.strictSame(effective(['Surrogate-Control', 'no-store']).cacheControl, says({ noStore: true }))
  t.strictSame(effective(['Surrogate-Control', 'no-store-remote']).cacheControl, says({ noStore: true }))
})

t.test('effectiveCacheControl() takes any bytes and never a number out of bounds', async t => {
  const seeds = ['max-age=60, s-maxage=1, private="a"', 'max-age=1+2, no-store;x']
  for (const input of hostileInputs(seeds, 4000)) {
    for (const name of [CDN, 'Surrogate-Control']) {
      const { maxAge, sMaxage } = effective([name, input]).cacheControl
      for (const value of [maxAge, sMaxage]) {
        if (typeof value === 'number' && !(Number.isInteger(value) && value >= 0 && value <= 2 ** 31))
          t.fail(input)
      }
    }
  }
})
