// Plays of http-rules.md E 21 and 22: dates (RFC 9110 5.6.7) and heuristic lifetimes (RFC 9111 4.2.2).
// 21 forms: `rule 21: the three forms of a date, and nothing else`; 21 Date: `rule 21: Date counts, or the receipt`
// 22 share, cap, statuses, public, settings: the tests `rule 22: ...`
import t from 'tap'
import { type Row, rows, ruleStage } from '../../support/rules.js'
import { says } from '../../support/saying.js'

const stage = await ruleStage(t)

const forms: Row[] = [
  ['RFC 9110 5.6.7 IMF-fixdate', 'Expires: {+60}', 59, 'hit'],
  ['RFC 9110 5.6.7 rfc850-date', 'Expires: {850 +60}', 59, 'hit'],
  ['RFC 9110 5.6.7 rfc850-date to its end', 'Expires: {850 +60}', 60, 'miss'],
  ['RFC 9110 5.6.7 asctime-date', 'Expires: {asctime +60}', 59, 'hit'],
  ['RFC 9110 5.6.7 asctime-date to its end', 'Expires: {asctime +60}', 60, 'miss'],
  ['names in lower case', 'Expires: fri, 01 jan 2027 00:00:00 gmt', 59, 'hit'],
  ['names in upper case', 'Expires: FRI, 01 JAN 2027 00:00:00 GMT', 59, 'hit'],
  ['a year of two digits over 50 years ahead is past', 'Expires: Friday, 01-Jan-77 00:00:00 GMT', 1, 'miss'],
  ['a year of two digits ahead', 'Expires: Thursday, 01-Jan-76 00:00:00 GMT', 59, 'hit'],
  ['far ahead', 'Expires: Fri, 31 Dec 9999 23:59:59 GMT', 86_400, 'hit'],
  ['a leap second', 'Expires: Thu, 31 Dec 2026 23:59:60 GMT', 59, 'hit'],
  ['RFC 9111 5.3 zero', 'Expires: 0', 0, 'miss'],
  ['RFC 9111 5.3 minus one', 'Expires: -1', 0, 'miss'],
  ['RFC 9111 5.3 empty', 'Expires:', 0, 'miss'],
  ['RFC 9111 5.3 a number of seconds', 'Expires: 3600', 0, 'miss'],
  ['RFC 9111 5.3 a word', 'Expires: never', 0, 'miss'],
  ['no GMT', 'Expires: Fri, 01 Jan 2027 00:00:00', 0, 'miss'],
  ['UTC', 'Expires: Fri, 01 Jan 2027 00:00:00 UTC', 0, 'miss'],
  ['another zone', 'Expires: Fri, 01 Jan 2027 00:00:00 +0000', 0, 'miss'],
  ['IMF-fixdate with two digits of a year', 'Expires: Fri, 01 Jan 27 00:00:00 GMT', 0, 'miss'],
  ['one digit of a day', 'Expires: Fri, 1 Jan 2027 00:00:00 GMT', 0, 'miss'],
  ['no seconds', 'Expires: Fri, 01 Jan 2027 00:00 GMT', 0, 'miss'],
  ['colons missing', 'Expires: Fri, 01 Jan 2027 00 00 00 GMT', 0, 'miss'],
  ['dashes in an IMF-fixdate', 'Expires: Fri, 01-Jan-2027 00:00:00 GMT', 0, 'miss'],
  ['two spaces', 'Expires: Fri, 01  Jan 2027 00:00:00 GMT', 0, 'miss'],
  ['no comma', 'Expires: Fri 01 Jan 2027 00:00:00 GMT', 0, 'miss'],
  ['no such day', 'Expires: Sun, 31 Feb 2027 00:00:00 GMT', 0, 'miss'],
  ['no such time', 'Expires: Fri, 01 Jan 2027 24:00:00 GMT', 0, 'miss'],
  ['ISO 8601', 'Expires: 2027-01-01T00:00:00Z', 0, 'miss'],
  ['quoted', 'Expires: "Fri, 01 Jan 2027 00:00:00 GMT"', 0, 'miss'],
]

const dates: Row[] = [
  ['RFC 9111 4.2.1 Expires minus Date', ['Date: {-100}', 'Expires: {+60}'], 59, 'hit'],
  ['RFC 9111 4.2.3 and its age counts', ['Date: {-100}', 'Expires: {+60}'], 60, 'miss'],
  ['RFC 9111 4.2.3 a Date in the past is age', ['Date: {-30}', 'Cache-Control: max-age=60'], 29, 'hit'],
  ['RFC 9111 4.2.3 to its end', ['Date: {-30}', 'Cache-Control: max-age=60'], 30, 'miss'],
  ['RFC 9111 4.2.3 a Date older than the lifetime', ['Date: {-60}', 'Cache-Control: max-age=60'], 0, 'miss'],
  [
    'RFC 9111 4.2.3 a Date ahead is no negative age',
    ['Date: {+100}', 'Cache-Control: max-age=60'],
    59,
    'hit',
  ],
  ['RFC 9111 4.2.3 nor makes it younger', ['Date: {+100}', 'Cache-Control: max-age=60'], 60, 'miss'],
  ['RFC 9111 4.2.1 Expires before a Date ahead', ['Date: {+100}', 'Expires: {+60}'], 1, 'miss'],
  ['RFC 9111 4.2.1 Expires after a Date ahead', ['Date: {+100}', 'Expires: {+120}'], 20, 'miss'],
  ['RFC 9110 6.6.1 no Date: the receipt', ['no Date', 'Expires: {+60}'], 59, 'hit'],
  ['RFC 9110 6.6.1 no Date, to its end', ['no Date', 'Expires: {+60}'], 60, 'miss'],
  ['RFC 9110 6.6.1 no Date, max-age', ['no Date', 'Cache-Control: max-age=60'], 59, 'hit'],
  ['an invalid Date is none', ['Date: foo', 'Expires: {+60}'], 59, 'hit'],
  ['an invalid Date is none, to its end', ['Date: foo', 'Expires: {+60}'], 60, 'miss'],
  ['Date as rfc850-date', ['Date: {850 -100}', 'Expires: {+60}'], 59, 'hit'],
  ['Date as asctime-date', ['Date: {asctime -100}', 'Cache-Control: max-age=110'], 10, 'miss'],
  ['Date in lower case', ['date: sun, 05 jul 2026 10:00:00 gmt', 'Cache-Control: max-age=10'], 0, 'miss'],
  ['Date before 1970', ['Date: Thu, 01 Jan 1869 00:00:00 GMT', 'Cache-Control: max-age=60'], 0, 'miss'],
]

const shares: Row[] = [
  ['RFC 9111 4.2.2 a tenth', 'Last-Modified: {-1000}', 99, 'hit'],
  ['RFC 9111 4.2.2 and not more', 'Last-Modified: {-1000}', 100, 'validated'],
  ['rfc850-date', 'Last-Modified: {850 -1000}', 99, 'hit'],
  ['asctime-date', 'Last-Modified: {asctime -1000}', 99, 'hit'],
  ['heuristicMaxMs is a day', 'Last-Modified: {-86400000}', 86_399, 'hit'],
  ['heuristicMaxMs ends it', 'Last-Modified: {-86400000}', 86_400, 'validated'],
  ['of Date minus Last-Modified', ['Date: {-50}', 'Last-Modified: {-1050}'], 49, 'hit'],
  ['and its age counts', ['Date: {-50}', 'Last-Modified: {-1050}'], 50, 'validated'],
  ['Last-Modified ahead of Date', 'Last-Modified: {+1000}', 1, 'validated'],
  ['Last-Modified as Date', 'Last-Modified: {0}', 1, 'validated'],
  ['an invalid Last-Modified gives none', ['Last-Modified: yesterday', 'ETag: "a"'], 1, 'validated'],
  ['several Last-Modified give none', ['Last-Modified: {-1000}', 'Last-Modified: {-2000}'], 1, 'validated'],
  ['an ETag gives none', 'ETag: "a"', 1, 'validated'],
  ['not beside max-age', ['Last-Modified: {-1000}', 'Cache-Control: max-age=10'], 10, 'validated'],
  ['not beside an invalid Expires', ['Last-Modified: {-1000}', 'Expires: 0'], 1, 'validated'],
  ['not with no-cache', ['Last-Modified: {-1000}', 'Cache-Control: no-cache'], 1, 'validated'],
  ['not with no-store', ['Last-Modified: {-1000}', 'Cache-Control: no-store'], 1, 'miss'],
  ['RFC 9111 4.2.2 a query is no hindrance', 'Last-Modified: {-1000}', 99, 'hit'],
]

t.test('rule 21: the three forms of a date, and nothing else', t => rows(t, stage, forms))
t.test('rule 21: Date counts, or the receipt', t => rows(t, stage, dates))
t.test('rule 22: a tenth of Date minus Last-Modified, capped', t => rows(t, stage, shares))

t.test('rule 22: the statuses of RFC 9110 15.1, any with public', async t => {
  const heuristic = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
  const others = [201, 202, 299, 302, 303, 307, 400, 401, 403, 409, 421, 429, 499, 500, 502, 503, 504, 599]
  for (const status of heuristic) {
    await rows(t, stage, [[`RFC 9111 4.2.2 ${status}`, 'Last-Modified: {-1000}', 9, 'hit']], status)
  }
  for (const status of others) {
    const lines = ['Last-Modified: {-1000}', 'Cache-Control: public']
    await rows(t, stage, [[`RFC 9111 4.2.2 not ${status}`, 'Last-Modified: {-1000}', 9, 'miss']], status)
    await rows(t, stage, [[`RFC 9111 4.2.2 ${status} with public`, lines, 9, 'hit']], status)
  }
  await rows(
    t,
    stage,
    [
      [
        'RFC 9111 3.3 not an unasked 206',
        ['Last-Modified: {-1000}', 'Content-Range: bytes 0-0/9'],
        9,
        'miss',
      ],
    ],
    206,
  )
})

t.test('rule 22: a site can turn it off, cap it or force times', async t => {
  const off = await ruleStage(t, { cache: { heuristic: false } })
  await rows(t, off, [['off', 'Last-Modified: {-1000}', 1, 'validated']])
  const capped = await ruleStage(t, { cache: { heuristicMaxMs: '10s' } })
  await rows(t, capped, [['the cap of the site', 'Last-Modified: {-1000}', 10, 'validated']])
  const rules = [
    { path: '/*/short', ttlMs: '5s' },
    { status: 503, ttlMs: '7s' },
    { type: 'image/*', ttlMs: '50s' },
  ]
  const forced = await ruleStage(t, { cache: { rules } })
  const long = says(200, 'Cache-Control: max-age=60')
  await forced.play(t, 'by path', [
    { says: long, to: '/short', is: 'miss' },
    { to: '/short', after: 4, is: 'hit' },
    { to: '/short', after: 1, is: 'miss' },
    { to: '/long', is: 'miss' },
    { to: '/long', after: 59, is: 'hit' },
  ])
  await rows(t, forced, [['by status', [], 6, 'hit']], 503)
  await rows(t, forced, [['by status, to its end', [], 7, 'miss']], 503)
  await rows(t, forced, [
    ['by type', 'Content-Type: image/png', 49, 'hit'],
    ['by type, to its end', ['Content-Type: IMAGE/PNG;q=1'], 50, 'miss'],
    ['a forced time is no leave to store', ['Content-Type: image/png', 'Cache-Control: no-store'], 1, 'miss'],
  ])
})
