import t from 'tap'
import { type CacheControl, parseCacheControl } from '../../http/cache-control.js'
import { hostileInputs } from './random.js'

const nothing = parseCacheControl(undefined)

const cases: [section: string, value: string, expected: Partial<CacheControl>][] = [
  ['9111 5.2 empty', '', {}],
  ['9111 5.2.2.1 max-age', 'max-age=100', { maxAge: 100 }],
  ['9111 5.2 any case', 'MAX-Age=1, No-STORE', { maxAge: 1, noStore: true }],
  ['9111 5.2 leading zeros', 'max-age=0060', { maxAge: 60 }],
  ['9111 1.2.2 saturates', 'max-age=99999999999999999999', { maxAge: 2 ** 31 }],
  ['9111 4.2.1 negative', 'max-age=-5', { maxAge: 'invalid' }],
  ['9111 4.2.1 decimal', 'max-age=5.0', { maxAge: 'invalid' }],
  ['9111 4.2.1 single quotes', "max-age='5'", { maxAge: 'invalid' }],
  ['9111 4.2.1 no argument', 'max-age', { maxAge: 'invalid' }],
  ['9111 4.2.1 empty argument', 'max-age=', { maxAge: 'invalid' }],
  ['9111 5.2 space before =', 'max-age =5', { maxAge: 'invalid' }],
  ['9111 5.2 space after =', 'max-age= 5', { maxAge: 'invalid' }],
  ['9111 5.2 quoted-string form', 'max-age="5", s-maxage="\\7"', { maxAge: 5, sMaxage: 7 }],
  ['9111 5.2 quoted string never closed', 'max-age="5', { maxAge: 'invalid' }],
  ['9111 4.2.1 first of repeated counts', 'max-age=1, max-age=2', { maxAge: 1 }],
  ['9111 4.2.1 first counts though invalid', 'max-age=a, max-age=2', { maxAge: 'invalid' }],
  ['9111 5.2.1.2 max-stale', 'max-stale=5', { maxStale: 5 }],
  ['9111 5.2.1.2 max-stale of any length', 'max-stale', { maxStale: 'any' }],
  ['9111 5.2.1.2 invalid max-stale', 'max-stale=x', { maxStale: 'invalid' }],
  ['9111 5.2.1.2 the first max-stale counts', 'max-stale=1, max-stale', { maxStale: 1 }],
  ['9111 5.2.1.3 min-fresh', 'min-fresh="5"', { minFresh: 5 }],
  ['9111 5.2.1.3 invalid min-fresh', 'min-fresh', { minFresh: 'invalid' }],
  ['9111 5.2.2.10 s-maxage', 's-maxage=0', { sMaxage: 0 }],
  ['9111 5.2.3 quoted text of extensions', 'x="max-age=5, no-store"', {}],
  ['9111 5.2.3 unknown directives', 'max-ages=5, xno-store, , =, =5', {}],
  ['9111 5.2.2.4 unqualified no-cache', 'no-cache', { noCache: true }],
  ['9111 5.2.2.4 qualified no-cache', 'no-cache="Set-Cookie, b"', { noCacheFields: ['set-cookie', 'b'] }],
  ['9111 5.2.2.4 token form', 'no-cache=A', { noCacheFields: ['a'] }],
  ['9111 5.2.2.4 both forms', 'no-cache="a", no-cache', { noCache: true, noCacheFields: ['a'] }],
  ['9111 5.2.2.4 names nothing', 'no-cache=""', { noCache: true }],
  ['9111 5.2.2.4 names no field', 'no-cache="a b"', { noCache: true }],
  ['9111 5.2.2.4 space before =', 'no-cache ="a"', { noCache: true }],
  ['9111 5.2.2.7 private', 'private', { privateAll: true }],
  ['9111 5.2.2.7 qualified private', 'private="x", private=y', { privateFields: ['x', 'y'] }],
  ['9111 5.2.2.5 no-store with an argument', 'no-store=1', { noStore: true }],
  ['9111 5.2.2.9 public', 'public', { public: true }],
  ['9111 5.2.2.9 public with an argument', 'public=1', {}],
  [
    '9111 5.2.2.2, 5.2.2.8',
    'must-revalidate,proxy-revalidate',
    { mustRevalidate: true, proxyRevalidate: true },
  ],
  ['9111 5.2.2.3 must-understand', 'must-understand, no-store', { mustUnderstand: true, noStore: true }],
  ['9111 5.2.2.6 no-transform', 'no-transform', { noTransform: true }],
  ['9111 5.2.1.7 only-if-cached', 'only-if-cached', { onlyIfCached: true }],
  ['8246 2 immutable', 'immutable', { immutable: true }],
  [
    '5861 3 and 4',
    'stale-while-revalidate=3,stale-if-error=x',
    { staleWhileRevalidate: 3, staleIfError: 'invalid' },
  ],
]
for (const [section, value, expected] of cases) {
  t.test(`parseCacheControl() RFC ${section}`, async t => {
    t.strictSame(parseCacheControl(value), { ...nothing, ...expected })
  })
}

t.test('parseCacheControl() takes any bytes and yields numbers in range or invalid', async t => {
  const seeds = ['max-age=100, private="x, y"', 's-maxage="5", no-cache=a', 'stale-if-error=1, public']
  for (const input of hostileInputs(seeds, 4000)) {
    const { maxAge, sMaxage, staleIfError } = parseCacheControl(input)
    for (const seconds of [maxAge, sMaxage, staleIfError]) {
      if (typeof seconds === 'number' && !(seconds >= 0 && seconds <= 2 ** 31)) t.fail(JSON.stringify(input))
    }
  }
})
