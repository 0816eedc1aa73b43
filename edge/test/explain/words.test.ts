import t from 'tap'
import { duration, fieldName, grouped, isoTime, listed, seconds } from '../../explain/words.js'

t.test('duration() is short, cut and never rounded up', async t => {
  const cases: [ms: number, text: string][] = [
    [0, '0 ms'],
    [0.7, '0 ms'],
    [999.9, '999 ms'],
    [1_000, '1 s'],
    [1_590, '1.5 s'],
    [9_999, '9.9 s'],
    [10_999, '10 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [303_999, '5 min 3 s'],
    [3_600_000, '1 h'],
    [47 * 3_600_000 + 59_000, '47 h'],
    [48 * 3_600_000, '2 d'],
    [365 * 86_400_000 + 3 * 3_600_000, '365 d 3 h'],
    [-5_000, '5 s'],
  ]
  for (const [ms, text] of cases) t.equal(duration(ms), text, `${ms}`)
})

t.test('isoTime() has a word for what no calendar has', async t => {
  t.equal(isoTime(0), '1970-01-01T00:00:00.000Z')
  t.equal(isoTime(8.64e15), '+275760-09-13T00:00:00.000Z')
  t.equal(isoTime(8.64e15 + 1), 'beyond the calendar')
  t.equal(isoTime(Number.NaN), 'beyond the calendar')
})

t.test('seconds(), grouped(), fieldName() and listed() write what people read', async t => {
  t.strictSame([seconds(1_234), seconds(-0.4), seconds(1_000.0009)], [1.234, -0, 1])
  t.strictSame([0, 999, 1_000, 1_234_567].map(grouped), ['0', '999', '1,000', '1,234,567'])
  t.strictSame(['cache-control', 'cdn-cache-control', 'etag', 'x'].map(fieldName), [
    'Cache-Control',
    'CDN-Cache-Control',
    'ETag',
    'X',
  ])
  t.strictSame(
    [listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'])],
    ['', 'a', 'a and b', 'a, b and c'],
  )
})
