import t from 'tap'
import {
  contentRange,
  ifRangeHolds,
  multipart,
  multipartType,
  selectRanges,
  unsatisfiedRange,
} from '../../http/ranges.js'
import { hostileInputs, random } from './random.js'

function select(rangeField: string | undefined, size = 100, rangesMax = 8): string {
  const selection = selectRanges({ rangeField, size, rangesMax })
  if (selection.kind !== 'ranges') return selection.kind
  return selection.ranges.map(({ first, last }) => `${first}-${last}`).join()
}

const selections: [section: string, field: string | undefined, expected: string, size?: number][] = [
  ['14.2 no Range', undefined, 'whole'],
  ['14.1.2 from and to', 'bytes=0-9', '0-9'],
  ['14.1.2 one byte', 'bytes=0-0', '0-0'],
  ['14.1.2 to the end', 'bytes=90-', '90-99'],
  ['14.1.2 the last bytes', 'bytes=-10', '90-99'],
  ['14.1.2 more last bytes than there are', 'bytes=-1000', '0-99'],
  ['14.1.2 past the end is clipped', 'bytes=90-1000', '90-99'],
  ['14.1.2 very long numbers', `bytes=1-${'9'.repeat(400)}`, '1-99'],
  ['14.1.2 everything', 'bytes=0-', '0-99'],
  ['14.1 units in any case', 'BYTES=0-9', '0-9'],
  ['14.1 other unit', 'lines=0-9', 'whole'],
  ['14.1.1 empty members', 'bytes= ,0-9 ,', '0-9'],
  ['14.2 nothing asked', 'bytes=', 'whole'],
  ['14.2 no unit', '0-9', 'whole'],
  ['14.2 malformed', 'bytes=a-b', 'whole'],
  ['14.2 a bare dash', 'bytes=-', 'whole'],
  ['14.2 a number', 'bytes=5', 'whole'],
  ['14.2 space inside', 'bytes=0 - 9', 'whole'],
  ['14.2 negative', 'bytes=-1-5', 'whole'],
  ['14.1.1 last before first', 'bytes=9-0', 'whole'],
  ['14.1.1 one invalid member spoils all', 'bytes=0-1, 9-5', 'whole'],
  ['14.2 two Range lines', 'bytes=0-1, bytes=5-6', 'whole'],
  ['15.5.17 past the end', 'bytes=100-', 'unsatisfiable'],
  ['15.5.17 long past the end', `bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
  ['15.5.17 no last bytes', 'bytes=-0', 'unsatisfiable'],
  ['15.5.17 all of them', 'bytes=100-, -0', 'unsatisfiable'],
  ['15.3.7.2 unsatisfiable ones are left out', 'bytes=200-, 5-6', '5-6'],
  ['14.1.2 empty body', 'bytes=0-', 'unsatisfiable', 0],
  ['14.1.2 last bytes of an empty body', 'bytes=-5', 'whole', 0],
  ['14.1.2 no last bytes of an empty body', 'bytes=-0', 'unsatisfiable', 0],
  ['15.3.7.2 several in the order asked for', 'bytes=50-59, 0-9, -5', '50-59,0-9,95-99'],
  ['15.3.7.2 adjacent', 'bytes=0-4,5-9', '0-9'],
  ['15.3.7.2 a gap of one byte', 'bytes=0-4,6-9', '0-4,6-9'],
  ['15.3.7.2 overlapping', 'bytes=5-9,0-6', '0-9'],
  ['15.3.7.2 repeated', 'bytes=5-9,5-9', '5-9'],
  ['15.3.7.2 contained', 'bytes=0-50,10-20', '0-50'],
  ['15.3.7.2 united at the first place', 'bytes=50-59, 0-9, 60-69', '50-69,0-9'],
  ['15.3.7.2 united by a third', 'bytes=20-29, 0-9, 10-19', '0-29'],
  ['17.15 three overlap others', 'bytes=0-9,1-9,2-9,3-9', 'whole'],
  [
    '14.2 as many as we give',
    'bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14',
    '0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14',
  ],
  ['14.2 more than we give', 'bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16', 'whole'],
  ['14.2 more than we look at', `bytes=${'0-0,'.repeat(33)}`, 'whole'],
  ['14.2 many tiny out of order', 'bytes=8-8,6-6,4-4,2-2,0-0', 'whole'],
  ['14.2 a few tiny out of order', 'bytes=8-8,6-6,4-4,2-2', '8-8,6-6,4-4,2-2'],
]
for (const [section, field, expected, size] of selections) {
  t.test(`selectRanges() RFC 9110 ${section}`, async t => t.equal(select(field, size), expected))
}

t.test(
  'selectRanges() gives disjoint ranges inside the size and no more than asked, whatever the bytes',
  async t => {
    const source = random(7)
    const seeds = ['bytes=0-9, 5-, -3', 'bytes=1-2,4-5,7-8', 'Bytes=-0,99-']
    for (const rangeField of hostileInputs(seeds, 6000)) {
      const size = source.below(20)
      const selection = selectRanges({ rangeField, size, rangesMax: 3 })
      if (selection.kind !== 'ranges') continue
      const sorted = [...selection.ranges].sort((a, b) => a.first - b.first)
      const isSound = sorted.every(
        ({ first, last }, i) =>
          first >= 0 && first <= last && last < size && (i === 0 || first > sorted[i - 1].last + 1),
      )
      if (!isSound || sorted.length === 0 || sorted.length > 3) t.fail(JSON.stringify([rangeField, size]))
    }
  },
)

t.test('contentRange() and unsatisfiedRange() RFC 9110 14.4', async t => {
  t.equal(contentRange({ first: 0, last: 9 }, 100), 'bytes 0-9/100')
  t.equal(unsatisfiedRange(100), 'bytes */100')
})

const MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'
const modifiedMs = Date.UTC(1994, 10, 6, 8, 49, 37)
const conditions: [section: string, ifRange: string, holds: boolean, changes?: object][] = [
  ['13.1.5 the same tag', '"a"', true],
  ['13.1.5 another tag', '"b"', false],
  ['13.1.5 a weak tag', 'W/"a"', false],
  ['13.1.5 a weak stored tag', '"a"', false, { etag: 'W/"a"' }],
  ['13.1.5 both weak', 'W/"a"', false, { etag: 'W/"a"' }],
  ['13.1.5 no stored tag', '"a"', false, { etag: '' }],
  ['13.1.5 several tags', '"a", "b"', false],
  ['13.1.5 any tag', '*', false],
  ['13.1.5 the same date', MODIFIED, true],
  ['13.1.5 the same date in another form', 'Sun Nov  6 08:49:37 1994', true],
  ['13.1.5 an earlier date', 'Sun, 06 Nov 1994 08:49:36 GMT', false],
  ['13.1.5 a later date', 'Sun, 06 Nov 1994 08:49:38 GMT', false],
  ['13.1.5 no stored date', MODIFIED, false, { lastModified: '' }],
  ['13.1.5 neither', 'x', false],
  ['13.1.5 empty', '', false],
  ['8.8.2.2 Date of the same second', MODIFIED, false, { dateMs: modifiedMs }],
  ['8.8.2.2 Date one second later', MODIFIED, true, { dateMs: modifiedMs + 1000 }],
  ['8.8.2.2 no Date', MODIFIED, false, { dateMs: undefined }],
]
for (const [section, ifRange, holds, changes] of conditions) {
  t.test(`ifRangeHolds() RFC 9110 ${section}`, async t => {
    const stored = {
      etag: '"a"',
      lastModified: MODIFIED,
      dateMs: modifiedMs + 60_000,
      now: modifiedMs + 90_000,
    }
    t.equal(ifRangeHolds({ ifRange, ...stored, ...changes }), holds)
  })
}

t.test('ifRangeHolds() takes any bytes and holds for none but the validators', async t => {
  const stored = { etag: '"a"', lastModified: MODIFIED, dateMs: modifiedMs + 60_000, now: modifiedMs }
  for (const ifRange of hostileInputs(['W/"a", "b"', MODIFIED], 3000)) {
    const holds = ifRangeHolds({ ifRange, ...stored })
    if (holds && !ifRange.includes('"a"') && !/08:49:37/.test(ifRange)) t.fail(ifRange)
  }
})

t.test('multipart() RFC 9110 14.6 frames the parts and counts every byte', async t => {
  const body = 'abcdefghij'
  const ranges = [
    { first: 0, last: 1 },
    { first: 8, last: 9 },
  ]
  const frame = multipart({ ranges, size: 10, contentType: 'text/plain', boundary: 'xyz' })
  const written =
    frame.parts.map(({ head, range }) => head + body.slice(range.first, range.last + 1)).join('') + frame.end
  t.equal(
    written,
    '--xyz\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\nab' +
      '\r\n--xyz\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\nij\r\n--xyz--\r\n',
  )
  t.equal(frame.contentLength, written.length)
  t.notMatch(multipart({ ranges, size: 10, contentType: '', boundary: 'x' }).parts[0].head, /Content-Type/)
  t.equal(multipartType('xyz'), 'multipart/byteranges; boundary=xyz')
})
