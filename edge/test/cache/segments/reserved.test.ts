import t from 'tap'
import { headerBytes } from '../../../cache/segments/header.js'
import { extentsMax } from '../../../cache/segments/place.js'
import { firstExtentBytes, Reserved, sliceBytes } from '../../../cache/segments/reserved.js'
import { OpenSegment } from '../../../cache/segments/segment.js'
import { roomy } from './roomy.js'

const kibibyte = 1024

function segmentOf(): OpenSegment {
  return new OpenSegment(
    { id: 1, fd: -1 },
    { space: roomy, bytesMax: 2 ** 40, log: () => {}, onClosed: () => {} },
  )
}

t.test('firstExtentBytes() is the length when it is known and at most a slice', async t => {
  const cases: [number | undefined, number][] = [
    [undefined, 64 * kibibyte],
    [0, 0],
    [1, 1],
    [sliceBytes, sliceBytes],
    [sliceBytes + 1, 64 * kibibyte],
  ]
  for (const [promised, bytes] of cases) t.equal(firstExtentBytes(promised), bytes, String(promised))
})

t.test('Reserved is exact for a known length, and goes on when more comes', async t => {
  const reserved = new Reserved(segmentOf(), 1_000)
  t.equal(reserved.roomAfter(0), 1_000)
  t.equal(reserved.offsetOf(10), headerBytes + 10)
  t.strictSame(reserved.upTo(10), [[headerBytes, 10]])
  t.ok(reserved.reserve(5, false))
  t.equal(reserved.roomAfter(1_000), 64 * kibibyte)
  reserved.close(1_005)
  t.strictSame(reserved.upTo(1_005), [[headerBytes, 1_005]])
})

t.test('Reserved doubles what it takes for an unknown length, and joins what is contiguous', async t => {
  const segment = segmentOf()
  const reserved = new Reserved(segment, undefined)
  const rooms: number[] = []
  let written = 0
  for (let round = 0; round < 7; round++) {
    reserved.reserve(1, false)
    rooms.push(reserved.roomAfter(written) / kibibyte)
    written += reserved.roomAfter(written)
    if (round === 2) segment.reserve(100)
  }
  t.strictSame(rooms, [64, 128, 256, 512, 1024, 1024, 1024])
  const [first, second] = reserved.upTo(written)
  t.strictSame(first, [headerBytes, 448 * kibibyte])
  t.strictSame(second, [headerBytes + 448 * kibibyte + 100, written - 448 * kibibyte])
  t.equal(reserved.offsetOf(written - 1), second[0] + second[1] - 1)
})

t.test('Reserved takes more at once when more waits, and the rest exactly', async t => {
  const reserved = new Reserved(segmentOf(), undefined)
  reserved.reserve(200 * kibibyte, false)
  t.equal(reserved.roomAfter(0), 200 * kibibyte)
  reserved.reserve(77, true)
  t.equal(reserved.roomAfter(200 * kibibyte), 77)
})

t.test('close() gives back what is free unless another has reserved behind it', async t => {
  const segment = segmentOf()
  const first = new Reserved(segment, undefined)
  first.reserve(1, false)
  first.close(1)
  t.equal(segment.reserve(9), headerBytes + 1)
  const second = new Reserved(segment, 100)
  segment.reserve(9)
  second.close(0)
  t.strictSame(second.upTo(0), [])
  t.equal(segment.reserve(1), headerBytes + 1 + 9 + 100 + 9)
})

t.test('Reserved has at most extentsMax extents', async t => {
  const segment = segmentOf()
  const reserved = new Reserved(segment, undefined)
  for (let i = 0; i < extentsMax; i++) {
    if (!reserved.reserve(1, true)) t.fail(`refused at ${i}`)
    segment.reserve(1)
  }
  t.equal(reserved.reserve(1, true), false)
})
