import t from 'tap'
import { formatDate, parseDate } from '../../http/dates.js'
import { hostileInputs } from './random.js'

const now = Date.UTC(2025, 5, 15)
const example = Date.UTC(1994, 10, 6, 8, 49, 37)

const accepted: [section: string, text: string, expected: number][] = [
  ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', example],
  ['rfc850-date', 'Sunday, 06-Nov-94 08:49:37 GMT', example],
  ['asctime-date', 'Sun Nov  6 08:49:37 1994', example],
  ['asctime-date, two digits', 'Sun Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
  ['any case', 'sUN, 06 nOV 1994 08:49:37 gmt', example],
  ['any case', 'SUNDAY, 06-NOV-94 08:49:37 Gmt', example],
  ['any case', 'sun nov  6 08:49:37 1994', example],
  ['leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
  ['leap day', 'Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 29)],
  ['first century', 'Sat, 01 Jan 0050 00:00:00 GMT', Date.parse('0050-01-01T00:00:00Z')],
  ['two-digit year within 50 years', 'Sunday, 15-Jun-75 00:00:00 GMT', Date.UTC(2075, 5, 15)],
  ['two-digit year beyond 50 years', 'Sunday, 16-Jun-75 00:00:00 GMT', Date.UTC(1975, 5, 16)],
  ['two-digit year just past', 'Sunday, 15-Jun-24 00:00:00 GMT', Date.UTC(2024, 5, 15)],
]
for (const [section, text, expected] of accepted) {
  t.test(`parseDate() RFC 9110 5.6.7 ${section}: ${text}`, async t => t.equal(parseDate(text, now), expected))
}

const refused = [
  '',
  '0',
  '-1',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 94 08:49:37 GMT',
  'Sun 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 06-Nov-1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 8:49:37 GMT',
  'Sun, 06 Nov 1994 08:49 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'Wed, 30 Feb 2024 00:00:00 GMT',
  'Wed, 29 Feb 2023 00:00:00 GMT',
  'Wed, 00 Feb 2023 00:00:00 GMT',
  'Foo, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  'Sun,  06 Nov 1994 08:49:37 GMT',
  ' Sun, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT ',
  'Sun, 06 Nov 1994 08:49:37 GMT\n',
  'Sun, 06-Nov-94 08:49:37 GMT',
  'Sunday, 06 Nov 1994 08:49:37 GMT',
  'Sun Nov 6 08:49:37 1994',
  'Sun Nov 06 08:49:37 1994 GMT',
  '1994-11-06T08:49:37Z',
  'Sunday, 31-Feb-94 08:49:37 GMT',
]
for (const text of refused) {
  t.test(`parseDate() RFC 9110 5.6.7 refuses ${JSON.stringify(text)}`, async t => {
    t.equal(parseDate(text, now), undefined)
  })
}

t.test('parseDate() moves the century with now (RFC 9110 5.6.7)', async t => {
  t.equal(parseDate('Sunday, 01-Jan-10 00:00:00 GMT', Date.UTC(2080, 0, 1)), Date.UTC(2110, 0, 1))
  t.equal(parseDate('Sunday, 01-Jan-70 00:00:00 GMT', Date.UTC(2010, 0, 1)), Date.UTC(1970, 0, 1))
  t.equal(parseDate('Sunday, 01-Jan-10 00:00:00 GMT', Number.NaN), undefined)
})

t.test('formatDate() writes IMF-fixdate and never anything else (RFC 9110 5.6.7)', async t => {
  t.equal(formatDate(example), 'Sun, 06 Nov 1994 08:49:37 GMT')
  t.equal(formatDate(example + 999), 'Sun, 06 Nov 1994 08:49:37 GMT')
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20, -1e20]) {
    t.type(parseDate(formatDate(ms), now), 'number', `${ms}`)
  }
})

t.test('parseDate() takes any bytes; what it reads, formatDate() writes back', async t => {
  for (const input of hostileInputs(
    accepted.map(row => row[1]),
    6000,
  )) {
    const ms = parseDate(input, now)
    if (ms !== undefined && parseDate(formatDate(ms), now) !== ms) t.fail(JSON.stringify(input))
  }
})
