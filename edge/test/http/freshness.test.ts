import t from 'tap'
import { parseCacheControl } from '../../http/cache-control.js'
import { formatDate } from '../../http/dates.js'
import { combinedValue, type Fields } from '../../http/fields.js'
import {
  ageValueMs,
  correctedInitialAgeMs,
  dateValueMs,
  type FreshnessBasis,
  freshness,
} from '../../http/freshness.js'
import { hostileInputs } from './random.js'

const now = Date.UTC(2025, 0, 1)
const day = 86_400_000
const at = (offsetMs: number) => formatDate(now + offsetMs)
const saturated = 2 ** 31 * 1000

function compute(fields: Fields, status = 200, heuristic = true) {
  const cacheControl = parseCacheControl(combinedValue(fields, 'cache-control'))
  return freshness({ status, fields, cacheControl, responseTimeMs: now, heuristic, heuristicMaxMs: day })
}

const explicit: [section: string, fields: string[], lifetimeMs: number, basis: FreshnessBasis][] = [
  ['4.2.1 s-maxage first', ['Cache-Control', 'max-age=5, s-maxage=7', 'Expires', at(day)], 7000, 's-maxage'],
  ['4.2.1 max-age before Expires', ['Expires', at(day), 'Cache-Control', 'max-age=5'], 5000, 'max-age'],
  ['4.2.1 several lines', ['Cache-Control', 'public', 'cache-control', 'max-age=5'], 5000, 'max-age'],
  ['4.2.1 invalid s-maxage is stale', ['Cache-Control', 'max-age=5, s-maxage=x'], 0, 's-maxage'],
  ['4.2.1 invalid max-age is stale', ['Cache-Control', 'max-age=-1', 'Expires', at(day)], 0, 'max-age'],
  ['1.2.2 saturates', ['Cache-Control', 'max-age=99999999999'], saturated, 'max-age'],
  ['4.2.1 Expires minus Date', ['Date', at(-1000), 'Expires', at(9000)], 10_000, 'expires'],
  ['4.2.1 without Date: receipt', ['Expires', at(9000)], 9000, 'expires'],
  ['4.2.1 invalid Date: receipt', ['Date', '0', 'Expires', at(9000)], 9000, 'expires'],
  ['4.2.1 Expires in the past', ['Expires', at(-9000)], 0, 'expires'],
  ['4.2.1 Expires equal to Date', ['Date', at(9000), 'Expires', at(9000)], 0, 'expires'],
  ['5.3 invalid Expires', ['Expires', '0', 'Last-Modified', at(-day)], 0, 'expires'],
  ['5.3 several Expires', ['Expires', at(9000), 'Expires', at(9000)], 0, 'expires'],
  [
    '5.3 max-age outranks several Expires',
    ['Expires', '0', 'Expires', '1', 'Cache-Control', 'max-age=1'],
    1000,
    'max-age',
  ],
  ['5.3 far Expires is bounded', ['Expires', 'Fri, 31 Dec 9999 23:59:59 GMT'], saturated, 'expires'],
  ['4.2.2 nothing at all', [], 0, 'none'],
]
for (const [section, fields, lifetimeMs, basis] of explicit) {
  t.test(`freshness() RFC 9111 ${section}`, async t => t.strictSame(compute(fields), { lifetimeMs, basis }))
}

t.test('freshness() RFC 9111 4.2.2 guesses a tenth of the time since Last-Modified', async t => {
  const modified = ['Last-Modified', at(-day)]
  t.strictSame(compute(modified), { lifetimeMs: day / 10, basis: 'heuristic' })
  t.strictSame(compute(['Date', at(-day / 2), ...modified]), { lifetimeMs: day / 20, basis: 'heuristic' })
  t.strictSame(compute(['Last-Modified', at(-100 * day)]), { lifetimeMs: day, basis: 'heuristic' })
  t.equal(compute(modified, 200, false).basis, 'none', 'the site says no')
  t.equal(compute(['Last-Modified', at(1000)]).basis, 'none', 'modified after Date')
  t.equal(compute(['Last-Modified', '0']).basis, 'none', 'no date')
  t.equal(compute([...modified, ...modified]).basis, 'none', 'two of them')
})

t.test(
  'freshness() RFC 9110 15.1 guesses for these statuses, and for any with public (RFC 9111 4.2.2)',
  async t => {
    const modified = ['Last-Modified', at(-day)]
    for (const status of [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501]) {
      t.equal(compute(modified, status).basis, 'heuristic', `${status}`)
    }
    for (const status of [201, 302, 303, 307, 400, 403, 500, 503, 599]) {
      t.equal(compute(modified, status).basis, 'none', `${status}`)
      t.equal(
        compute([...modified, 'Cache-Control', 'public'], status).basis,
        'heuristic',
        `${status} public`,
      )
    }
  },
)

t.test('dateValueMs() RFC 9110 6.6.1 falls back to the time of receipt', async t => {
  t.equal(dateValueMs(['Date', at(-5000)], now), now - 5000)
  t.equal(dateValueMs([], now), now)
  t.equal(dateValueMs(['Date', 'today'], now), now)
  t.equal(dateValueMs(['Date', at(-5000), 'Date', at(-5000)], now), now)
})

const ages: [section: string, fields: string[], delayMs: number, expectedMs: number][] = [
  ['4.2.3 nothing', [], 0, 0],
  ['4.2.3 response delay', [], 1500, 1500],
  ['4.2.3 Age and delay', ['Age', '10'], 1500, 11_500],
  ['4.2.3 apparent age', ['Date', at(-60_000)], 1500, 60_000],
  ['4.2.3 the larger of both', ['Date', at(-60_000), 'Age', '100'], 0, 100_000],
  ['4.2.3 Date in the future', ['Date', at(60_000)], 0, 0],
  ['4.2.3 a clock that went back', [], -5000, 0],
  ['5.1 first of several members', ['Age', '10, 20'], 0, 10_000],
  ['5.1 first of several lines', ['Age', '10', 'Age', '20'], 0, 10_000],
  ['5.1 no number is ignored', ['Age', 'abc'], 0, 0],
  ['5.1 negative is ignored', ['Age', '-10'], 0, 0],
  ['5.1 decimal is ignored', ['Age', '10.5'], 0, 0],
  ['5.1 first member decides', ['Age', 'x, 20'], 0, 0],
  ['1.2.2 saturates', ['Age', '99999999999999999999'], 9000, saturated],
]
for (const [section, fields, delayMs, expectedMs] of ages) {
  t.test(`correctedInitialAgeMs() RFC 9111 ${section}`, async t => {
    t.equal(correctedInitialAgeMs({ fields, requestTimeMs: now - delayMs, responseTimeMs: now }), expectedMs)
  })
}

t.test(
  'correctedInitialAgeMs() is never below a saturated lifetime when Age saturates (RFC 9111 1.2.2)',
  async t => {
    const fields = ['Age', '2147483648', 'Cache-Control', 'max-age=2147483648']
    const age = correctedInitialAgeMs({ fields, requestTimeMs: now, responseTimeMs: now })
    t.ok(age >= compute(fields).lifetimeMs)
  },
)

t.test('freshness() and the ages take any bytes and stay in range', async t => {
  const inRange = (ms: number) => ms >= 0 && ms <= saturated
  for (const input of hostileInputs(['max-age=5', at(day), '10, 20', `max-age=5, s-maxage="7"`], 3000)) {
    const fields = [
      'Cache-Control',
      input,
      'Expires',
      input,
      'Date',
      input,
      'Age',
      input,
      'Last-Modified',
      input,
    ]
    for (const given of [fields, fields.slice(2), fields.slice(4)]) {
      if (!inRange(compute(given).lifetimeMs)) t.fail(JSON.stringify(input))
    }
    const age = correctedInitialAgeMs({ fields, requestTimeMs: now, responseTimeMs: now })
    if (!inRange(age) || !inRange(ageValueMs(fields))) t.fail(JSON.stringify(input))
  }
})

t.test('freshness() leaves Expires out where a targeted field rules (RFC 9213 2.2)', async t => {
  const rest = {
    status: 200,
    responseTimeMs: now,
    heuristic: true,
    heuristicMaxMs: day,
    expiresCounts: false,
  }
  const lifetime = (fields: Fields) =>
    freshness({ fields, cacheControl: parseCacheControl(undefined), ...rest })
  t.strictSame(lifetime(['Expires', at(9000)]), { lifetimeMs: 0, basis: 'none' })
  t.equal(lifetime(['Expires', at(9000), 'Last-Modified', at(-day)]).basis, 'heuristic')
})
