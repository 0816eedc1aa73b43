import t from 'tap'
import { isStaleIfErrorStatus, mayServeStale, type StaleInput } from '../../http/stale.js'

/** Stale for `staleMs`, with these changes. */
function verdict(staleMs: number, changes: Partial<StaleInput>): boolean {
  return mayServeStale({
    situation: 'revalidating',
    freshUntilMs: 1_000_000,
    now: 1_000_000 + staleMs,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    mustRevalidate: false,
    alwaysValidate: false,
    staleMaxMs: 100_000,
    ...changes,
  })
}

const swr = { situation: 'revalidating', staleWhileRevalidateMs: 10_000 } as const
const sie = { situation: 'error', staleIfErrorMs: 10_000 } as const
const gone = { situation: 'disconnected' } as const
const accepted = { situation: 'accepted' } as const

const cases: [section: string, staleMs: number, changes: Partial<StaleInput>, expected: boolean][] = [
  ['5861 3 within stale-while-revalidate', 9999, swr, true],
  ['5861 3 at its end', 10_000, swr, false],
  ['5861 3 at the end of freshness without it', 0, {}, false],
  ['5861 3 stale-if-error does not count', 1, { staleIfErrorMs: 10_000 }, false],
  ['5861 3 within the site ceiling only', 9999, { ...swr, staleMaxMs: 5000 }, false],
  ['5861 4 within stale-if-error', 9999, sie, true],
  ['5861 4 at its end', 10_000, sie, false],
  ['5861 4 without it', 1, { situation: 'error' }, false],
  ['5861 4 within the site ceiling only', 9999, { ...sie, staleMaxMs: 5000 }, false],
  ['9111 4.2.4 disconnected', 99_999, gone, true],
  ['9111 4.2.4 disconnected past the site ceiling', 100_000, gone, false],
  ['9111 4.2.4 the site wants nothing stale', 0, { ...gone, staleMaxMs: 0 }, false],
  ['9111 4.2.4 not stale at all', -1, gone, true],
  ['9111 5.2.1.2 the client takes it', 99_999, accepted, true],
  ['9111 5.2.1.2 not past the site ceiling', 100_000, accepted, false],
  ['9111 5.2.2.2 must-revalidate whatever the client takes', 1, { ...accepted, mustRevalidate: true }, false],
  ['9111 5.2.2.4 no-cache whatever the client takes', 1, { ...accepted, alwaysValidate: true }, false],
  ['9111 5.2.2.2 must-revalidate while revalidating', 1, { ...swr, mustRevalidate: true }, false],
  ['9111 5.2.2.2 must-revalidate on an error', 1, { ...sie, mustRevalidate: true }, false],
  ['9111 5.2.2.2 must-revalidate disconnected', 1, { ...gone, mustRevalidate: true }, false],
  ['9111 5.2.2.4 no-cache while revalidating', 1, { ...swr, alwaysValidate: true }, false],
  ['9111 5.2.2.4 no-cache disconnected', 1, { ...gone, alwaysValidate: true }, false],
  ['9111 5.2.2.4 no-cache and fresh', -1, { ...gone, alwaysValidate: true }, false],
]
for (const [section, staleMs, changes, expected] of cases) {
  t.test(`mayServeStale() RFC ${section}`, async t => t.equal(verdict(staleMs, changes), expected))
}

t.test('mayServeStale() never says yes to what is not a number', async t => {
  for (const now of [Number.NaN, Number.POSITIVE_INFINITY]) t.equal(verdict(0, { ...gone, now }), false)
})

t.test('isStaleIfErrorStatus() RFC 5861 4 is true of four statuses', async t => {
  const statuses = Array.from({ length: 500 }, (_, i) => 100 + i)
  t.strictSame(statuses.filter(isStaleIfErrorStatus), [500, 502, 503, 504])
})
