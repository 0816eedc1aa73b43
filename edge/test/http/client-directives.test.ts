import t from 'tap'
import { parseCacheControl } from '../../http/cache-control.js'
import { forbidsStale, isPragmaNoCache, judgeClientDirectives } from '../../http/client-directives.js'
import { hostileInputs } from './random.js'

/** The verdict on a stored response 100 seconds old, fresh for 50 more unless `leftSeconds` says otherwise. */
function judge(value: string | undefined, leftSeconds = 50, changes: object = {}) {
  return judgeClientDirectives({
    cacheControl: parseCacheControl(value),
    pragmaNoCache: false,
    ageMs: 100_000,
    freshnessLeftMs: leftSeconds * 1000,
    ...changes,
  })
}

const cases: [
  section: string,
  value: string | undefined,
  leftSeconds: number,
  expected: string,
  changes?: object,
][] = [
  ['9111 5.2.1 nothing asked', undefined, 50, 'use'],
  ['9111 5.2.1 unknown directive', 'foo', 50, 'use'],
  ['9111 5.2.1.1 as old as accepted', 'max-age=100', 50, 'use'],
  ['9111 5.2.1.1 older', 'max-age=99', 50, 'validate'],
  ['9111 5.2.1.1 reload', 'max-age=0', 50, 'validate'],
  ['9111 5.2.1.1 invalid', 'max-age=x', 50, 'validate'],
  ['9111 5.2.1.1 young enough but stale', 'max-age=1000', -1, 'validate'],
  ['9111 5.2.1.2 any staleness', 'max-stale', -10_000, 'use'],
  ['9111 5.2.1.2 as stale as accepted', 'max-stale=10', -10, 'use'],
  ['9111 5.2.1.2 staler', 'max-stale=10', -11, 'validate'],
  ['9111 5.2.1.2 invalid', 'max-stale=x', -1, 'validate'],
  ['9111 5.2.1.2 too old whatever the staleness', 'max-age=99, max-stale', -1, 'validate'],
  ['9111 5.2.1.2 both hold', 'max-age=100, max-stale=5', -1, 'use'],
  ['9111 5.2.2.2 must-revalidate is not lifted', 'max-stale', -1, 'validate', { mustRevalidate: true }],
  ['9111 5.2.1.2 stale and nothing said', undefined, -1, 'validate'],
  ['9111 4.2 exactly at the end of freshness', undefined, 0, 'validate'],
  ['9111 5.2.1.3 fresh for as long', 'min-fresh=50', 50, 'use'],
  ['9111 5.2.1.3 not for as long', 'min-fresh=51', 50, 'validate'],
  ['9111 5.2.1.3 invalid', 'min-fresh=x', 50, 'validate'],
  ['9111 5.2.1.4 no-cache', 'no-cache', 50, 'validate'],
  ['9111 5.2.1.5 no-store', 'no-store', 50, 'bypass'],
  ['9111 5.2.1.5 no-store before no-cache', 'no-cache, no-store', 50, 'bypass'],
  ['9111 5.4 Pragma', undefined, 50, 'validate', { pragmaNoCache: true }],
]
for (const [section, value, leftSeconds, expected, changes] of cases) {
  t.test(`judgeClientDirectives() RFC ${section}`, async t => {
    t.equal(judge(value, leftSeconds, changes), expected)
  })
}

const stale: [section: string, value: string | undefined, expected: boolean][] = [
  ['nothing said', undefined, false],
  ['max-age', 'max-age=10', true],
  ['min-fresh', 'min-fresh=10', true],
  ['max-age and max-stale', 'max-age=10, max-stale=5', false],
  ['no-cache', 'no-cache', true],
  ['no-store', 'no-store', true],
]
for (const [section, value, expected] of stale) {
  t.test(`forbidsStale() RFC 9111 5.2.1 ${section}`, async t => {
    t.equal(forbidsStale(parseCacheControl(value), false), expected)
    t.equal(forbidsStale(parseCacheControl(value), true), true)
  })
}

const pragmas: [section: string, fields: string[], expected: boolean][] = [
  ['alone', ['Pragma', 'no-cache'], true],
  ['in any case, among others', ['pragma', 'x, No-Cache'], true],
  ['beside Cache-Control', ['Pragma', 'no-cache', 'Cache-Control', ''], false],
  ['another', ['Pragma', 'no-cache=1'], false],
  ['none', [], false],
]
for (const [section, fields, expected] of pragmas) {
  t.test(`isPragmaNoCache() RFC 9111 5.4 ${section}`, async t => t.equal(isPragmaNoCache(fields), expected))
}

t.test(
  'judgeClientDirectives() takes any bytes and never makes a stale response usable without max-stale',
  async t => {
    for (const input of hostileInputs(['max-age=200, min-fresh=5', 'max-stale=5, no-cache'], 4000)) {
      const verdict = judge(input, -1)
      if (verdict === 'use' && !/max-stale/i.test(input)) t.fail(input)
      isPragmaNoCache(['Pragma', input])
    }
  },
)
