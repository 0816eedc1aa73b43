import t from 'tap'
import type { Explanation } from '../../explain/explanation.js'
import { sumUp } from '../../explain/sums.js'
import { siteOf } from '../support/exchange.js'
import { entryOf, type Given } from '../support/explained.js'
import { bornAtMs } from '../support/scene.js'

const date = (ms: number) => new Date(ms).toUTCString()
const born = date(bornAtMs)
const day = 86_400_000

function sums(fields: string[], afterMs: number, given: Given = {}, later = given.site) {
  return sumUp(entryOf(fields, given), given.target ?? '/', siteOf(later).rules, bornAtMs + afterMs)
}

t.test('sumUp() tells the sum of a lifetime in words and numbers', async t => {
  type Case = [name: string, fields: string[], afterMs: number, words: string, numbers: Partial<Freshness>]
  type Freshness = NonNullable<Explanation['freshness']>
  const etag = ['ETag', '"v"']
  const cases: Case[] = [
    [
      'RFC 9111 5.2.2.1 max-age',
      ['Cache-Control', 'max-age=60'],
      5_000,
      'max-age=60 of Cache-Control, minus 5 s in the cache: fresh for 55 s more',
      { basis: 'max-age', source: 'cache-control', lifetimeSeconds: 60, ttlSeconds: 55 },
    ],
    [
      'RFC 9111 5.1 Age',
      ['Cache-Control', 'max-age=60', 'Age', '5'],
      0,
      'max-age=60 of Cache-Control, minus Age 5: fresh for 55 s more',
      { initialAgeSeconds: 5, residentSeconds: 0, ttlSeconds: 55 },
    ],
    [
      'RFC 9111 5.2.2.10 s-maxage outranks max-age, and stale',
      ['Cache-Control', 'max-age=600, s-maxage=10'],
      13_000,
      's-maxage=10 of Cache-Control, minus 13 s in the cache: stale for 3 s',
      { basis: 's-maxage', ttlSeconds: -3 },
    ],
    [
      'RFC 9213 2.2 a targeted field rules',
      ['Cache-Control', 'max-age=1', 'CDN-Cache-Control', 'max-age=600'],
      0,
      'max-age=600 of CDN-Cache-Control: fresh for 10 min more',
      { source: 'cdn-cache-control' },
    ],
    [
      'RFC 9111 4.2.1 an invalid number is stale',
      ['Cache-Control', 'max-age=x', ...etag],
      0,
      'max-age of Cache-Control is no number, which counts as 0: stale for 0 ms',
      { basis: 'max-age', lifetimeSeconds: 0 },
    ],
    [
      'RFC 9111 5.3 Expires minus Date',
      ['Date', born, 'Expires', date(bornAtMs + 90_000)],
      0,
      'Expires minus Date (90 s): fresh for 90 s more',
      { basis: 'expires', source: 'expires' },
    ],
    [
      'RFC 9111 5.3 Expires 0',
      ['Expires', '0', ...etag],
      0,
      'Expires (0) is no date or not after Date, which counts as 0: stale for 0 ms',
      { basis: 'expires' },
    ],
    [
      'RFC 9111 5.3 two Expires',
      ['Expires', born, 'Expires', born, ...etag],
      0,
      '2 lines of Expires, which count as none in force: stale for 0 ms',
      { basis: 'expires' },
    ],
    [
      'RFC 9111 4.2.2 heuristic',
      ['Date', born, 'Last-Modified', date(bornAtMs - 500_000)],
      0,
      'a tenth of the time since Last-Modified (50 s): fresh for 50 s more',
      { basis: 'heuristic', source: 'last-modified' },
    ],
    [
      'RFC 9111 4.2.2 heuristic, cut',
      ['Last-Modified', date(bornAtMs - 100 * day)],
      0,
      'a tenth of the time since Last-Modified (24 h, cut to the most that the site allows): fresh for 24 h more',
      { basis: 'heuristic', lifetimeSeconds: 86_400 },
    ],
    [
      'RFC 9111 3 nothing but a validator',
      etag,
      0,
      'nothing says how long: stale for 0 ms',
      { basis: 'none', source: null },
    ],
    [
      'RFC 9111 4.2.3 apparent age by Date',
      ['Cache-Control', 'max-age=60', 'Date', date(bornAtMs - 7_000)],
      0,
      'max-age=60 of Cache-Control, minus 7 s that passed since its Date or on the way: fresh for 53 s more',
      { initialAgeSeconds: 7 },
    ],
  ]
  for (const [name, fields, afterMs, words, numbers] of cases) {
    const { freshness, policy } = sums(fields, afterMs)
    t.equal(freshness.words, words, name)
    t.match(freshness, { agrees: true, ...numbers }, name)
    t.match(policy, { rule: 'origin', never: false, ttlSeconds: null })
  }
})

t.test('sumUp() counts the time that the answer took (RFC 9111 4.2.3)', async t => {
  const { freshness } = sums(['Cache-Control', 'max-age=60', 'Age', '5'], 0, { askedAtMs: bornAtMs - 2_000 })
  t.equal(
    freshness.words,
    'max-age=60 of Cache-Control, minus Age 5, minus 2 s that passed on the way: fresh for 53 s more',
  )
})

t.test('sumUp() says so when the clock was set back since it was stored', async t => {
  const { freshness } = sums(['Cache-Control', 'max-age=60'], -30_000)
  t.match(freshness.words, /, and it was stored 30 s in the future: the clock was set back: fresh/)
})

t.test('sumUp() names the rule that forced the time', async t => {
  const rules = [
    { path: '/other', ttlMs: '1s' },
    { path: '/a/*', preset: 'images' },
  ]
  const given = { target: '/a/b?c', site: { cache: { rules } } }
  const { freshness, policy } = sums(['Cache-Control', 'no-store'], 0, given)
  t.equal(freshness.words, '7 d of rules[1] images, whatever the origin says: fresh for 7 d more')
  t.match(freshness, { basis: 'policy', source: 'rules[1] images' })
  t.strictSame(policy, {
    rule: 'rules[1] images',
    never: false,
    ttlSeconds: 604_800,
    staleWhileRevalidateSeconds: 86_400,
    staleIfErrorSeconds: 604_800,
  })
})

t.test('sumUp() says when what is stored was weighed by other rules than the present ones', async t => {
  const later = { cache: { rules: [{ ttlMs: '10m' }] } }
  const { freshness } = sums(['Cache-Control', 'max-age=60'], 1_000, {}, later)
  t.equal(
    freshness.words,
    '10 min of rules[0], whatever the origin says, minus 1 s in the cache: but when it was stored it was given another lifetime, by which it is fresh for 59 s more',
  )
  t.match(freshness, { agrees: false, ttlSeconds: 59 })
})
