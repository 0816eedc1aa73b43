import t from 'tap'
import {
  indexBytesMaxOf,
  keptBytesOf,
  segmentBytesOf,
  segmentsBytesMaxOf,
} from '../../../cache/segments/sizes.js'

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

t.test('segmentBytesOf() is a 128th, from 1 to 256 MiB', async t => {
  const cases: [bytesMax: number, bytes: number][] = [
    [16 * mebibyte, mebibyte],
    [128 * mebibyte, mebibyte],
    [gibibyte, 8 * mebibyte],
    [32 * gibibyte, 256 * mebibyte],
    [64 * 1024 * gibibyte, 256 * mebibyte],
  ]
  for (const [bytesMax, bytes] of cases) t.equal(segmentBytesOf(bytesMax), bytes, `${bytesMax}`)
})

t.test('indexBytesMaxOf() and segmentsBytesMaxOf() share all of it', async t => {
  for (const bytesMax of [16 * mebibyte, 1_000_000_007, 20 * gibibyte]) {
    t.equal(indexBytesMaxOf(bytesMax), Math.floor(bytesMax / 8))
    t.equal(indexBytesMaxOf(bytesMax) + segmentsBytesMaxOf(bytesMax), bytesMax)
  }
})

t.test('keptBytesOf() leaves room for a segment of each worker, but uses at least half', async t => {
  t.equal(keptBytesOf(gibibyte, 1), 880 * mebibyte)
  t.equal(keptBytesOf(gibibyte, 4), 856 * mebibyte)
  t.equal(keptBytesOf(16 * mebibyte, 2), 11 * mebibyte)
  t.equal(keptBytesOf(16 * mebibyte, 256), 7 * mebibyte)
})
