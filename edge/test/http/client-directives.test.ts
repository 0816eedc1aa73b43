import t from 'tap'
import { parseCacheControl } from '../../http/cache-control.js'
import {
  type Candidate,
  clientDemands,
  forbidsStale,
  isPragmaNoCache,
  judgeClientDirectives,
  refusesForwarding,
} from '../../http/client-directives.js'
import { hostileInputs } from './random.js'

interface Changes extends Partial<Candidate> {
  pragmaNoCache?: boolean
}

/** What is asked of a stored response 100 seconds old, fresh for 50 more unless `leftSeconds` says otherwise. */
function asked(value: string | undefined, leftSeconds: number, changes: Changes) {
  const { pragmaNoCache = false, ...more } = changes
  const demands = { cacheControl: parseCacheControl(value), pragmaNoCache }
  const candidate = { ageMs: 100_000, freshnessLeftMs: leftSeconds * 1000, mustRevalidate: false, ...more }
  return [demands, candidate] as const
}

function judge(value: string | undefined, leftSeconds = 50, changes: Changes = {}) {
  return judgeClientDirectives(...asked(value, leftSeconds, changes))
}

const cases: [
  section: string,
  value: string | undefined,
  leftSeconds: number,
  expected: string,
  changes?: Changes,
][] = [
  ['9111 5.2.1 nothing asked', undefined, 50, 'use'],
  ['9111 5.2.1 unknown directive', 'foo', 50, 'use'],
  ['9111 5.2.1.1 as old as accepted', 'max-age=100', 50, 'use'],
  ['9111 5.2.1.1 older', 'max-age=99', 50, 'validate'],
  ['9111 5.2.1.1 reload', 'max-age=0', 50, 'validate'],
  ['9111 5.2.1.1 reload of what came just now', 'max-age=0', 50, 'validate', { ageMs: 0 }],
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

const stale: [section: string, value: string | undefined, expected: boolean, changes?: Changes][] = [
  ['nothing said', undefined, false],
  ['9111 5.2.1.1 max-age alone, young enough', 'max-age=1000', true],
  ['9111 5.2.1.1 max-age and max-stale', 'max-age=1000, max-stale=5', false],
  ['9111 5.2.1.1 older than max-age', 'max-age=10, max-stale=5', true],
  ['9111 5.2.1.2 staler than max-stale', 'max-stale=4', true],
  ['9111 5.2.1.2 any', 'max-stale', false],
  ['9111 5.2.1.2 invalid', 'max-stale=x', true],
  ['9111 5.2.1.3 min-fresh', 'min-fresh=10', true],
  ['9111 5.2.1.3 min-fresh whatever max-stale says', 'min-fresh=10, max-stale', true],
  ['9111 5.2.1.4 no-cache', 'no-cache', true],
  ['9111 5.2.1.5 no-store', 'no-store', true],
  ['9111 5.2.1.6 no-transform', 'no-transform', false],
  ['9111 5.4 Pragma', undefined, true, { pragmaNoCache: true }],
]
for (const [section, value, expected, changes = {}] of stale) {
  t.test(`forbidsStale() of a response stale for 5 s: RFC ${section}`, async t => {
    t.equal(forbidsStale(...asked(value, -5, changes)), expected)
  })
}

const onlyIfCached: [section: string, method: string, value: string[], expected: boolean][] = [
  ['5.2.1.7 GET', 'GET', ['only-if-cached'], true],
  ['5.2.1.7 HEAD, in any case, on another line', 'HEAD', ['max-age=5', 'Only-If-Cached'], true],
  ['5.2.1.7 OPTIONS is never stored', 'OPTIONS', ['only-if-cached'], true],
  ['5.2.1.7 another directive', 'GET', ['max-age=0'], false],
  ['5.2.1.7 inside a string', 'GET', ['x="only-if-cached"'], false],
  ['5.2.1.7 none', 'GET', [], false],
  ['4 unsafe methods are written through', 'POST', ['only-if-cached'], false],
  ['4 so are unknown ones', 'PURGE', ['only-if-cached'], false],
]
for (const [section, method, values, expected] of onlyIfCached) {
  t.test(`refusesForwarding() RFC 9111 ${section}`, async t => {
    const fields = values.flatMap(value => ['Cache-Control', value])
    t.equal(refusesForwarding(method, fields), expected)
  })
}

t.test('clientDemands() reads Cache-Control of all lines, and Pragma without it (RFC 9110 5.3)', async t => {
  const fields = ['cache-control', 'max-age=5', 'Cache-Control', 'no-cache', 'Pragma', 'no-cache']
  t.match(clientDemands(fields), { cacheControl: { maxAge: 5, noCache: true }, pragmaNoCache: false })
  t.match(clientDemands(['pragma', 'no-cache']), { pragmaNoCache: true })
})

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
      clientDemands(['Pragma', input])
      refusesForwarding('GET', ['Cache-Control', input])
    }
  },
)
