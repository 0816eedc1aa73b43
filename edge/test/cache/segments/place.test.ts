import t from 'tap'
import { decodePlace, encodePlace, extentsMax, type Place } from '../../../cache/segments/place.js'
import { randomFrom } from './random.js'

const largest = 2 ** 48 - 1

t.test('decodePlace() gives back what was encoded', async t => {
  const places: Place[] = [
    { segment: 0, extents: [], bytes: 0, crc: 0 },
    { segment: 1_785_000_000_000, extents: [[64, 1]], bytes: 1, crc: 0xffffffff },
    {
      segment: largest,
      extents: [
        [64, 10],
        [5_000_000_000, 70_000],
      ],
      bytes: 70_010,
      crc: 7,
    },
    { segment: 3, extents: [[64, largest - 64]], bytes: largest - 64, crc: 7 },
  ]
  for (const place of places) t.strictSame(decodePlace(encodePlace(place)), place)
  t.equal(encodePlace(places[1]).length, 22)
  const moved = Buffer.concat([Buffer.from('abc'), encodePlace(places[1])]).subarray(3)
  t.strictSame(decodePlace(new Uint8Array(moved)), places[1], 'from any bytes')
})

t.test('decodePlace() is undefined for what is none', async t => {
  const good = encodePlace({ segment: 9, extents: [[64, 10]], bytes: 10, crc: 1 })
  const changed = (at: number, ...bytes: number[]): Buffer => {
    const copy = Buffer.from(good)
    copy.set(bytes, at)
    return copy
  }
  const many = Buffer.concat([good.subarray(0, 10), ...Array(extentsMax + 1).fill(good.subarray(10))])
  const huge = changed(16, 255, 255, 255, 255, 255, 127)
  const cases: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['no CRC', good.subarray(0, 9)],
    ['half an extent', good.subarray(0, 21)],
    ['a byte too much', Buffer.concat([good, Buffer.alloc(1)])],
    ['an extent in the header', changed(10, 63)],
    ['an empty extent', changed(16, 0)],
    ['an end beyond the largest number', changed(16, 255, 255, 255, 255, 255, 255)],
    ['a sum beyond the largest number', Buffer.concat([huge, huge.subarray(10), huge.subarray(10)])],
    ['too many extents', many],
  ]
  for (const [name, bytes] of cases) t.equal(decodePlace(bytes), undefined, name)
})

t.test('decodePlace() is total', async t => {
  const random = randomFrom(11)
  for (let round = 0; round < 2_000; round++) {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256)),
    )
    const place = decodePlace(bytes)
    if (place !== undefined && !encodePlace(place).equals(bytes)) t.fail(bytes.toString('hex'))
  }
})
