import t from 'tap'
import type { BodyReader } from '../../cache/body.js'
import { DiskReads, pieceBytesMax, SegmentReads } from '../../cache/segment-reads.js'
import { placeOf, type Scripted, scripted } from './segments/scripted.js'
import { bodyOf, until } from './segments/support.js'

const body = bodyOf('a', 300_000)
const place = placeOf(body)

class Reader implements BodyReader {
  at = 0
  wakes = 0
  onWake: (() => void) | undefined

  wake(): void {
    this.wakes += 1
    this.onWake?.()
  }
}

function readsOf(script: Scripted, reads = new DiskReads(2), evictedReadMaxMs = 60_000): SegmentReads {
  return new SegmentReads({ segments: script.segments, reads, evictedReadMaxMs }, place)
}

t.test('DiskReads runs at most so many at once, the others in their order', async t => {
  const reads = new DiskReads(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  for (let name = 0; name < 5; name += 1) {
    reads.add(() => {
      begun.push(name)
      return new Promise(resolve => ends.push(resolve))
    })
  }
  t.strictSame(begun, [0, 1])
  for (let count = 3; count <= 5; count += 1) {
    ends.shift()!()
    await until(() => begun.length === count)
  }
  t.strictSame(begun, [0, 1, 2, 3, 4])
  for (const end of ends) end()
  let isBegun = false
  reads.add(async () => {
    isBegun = true
  })
  await until(() => isBegun)
})

t.test('what memory has is read at once, a piece at a time', async t => {
  const reads = readsOf(scripted(body))
  const reader = new Reader()
  const piece = reads.read(place, 5, 1_000_000, reader) as Uint8Array
  t.ok(body.subarray(5, 5 + pieceBytesMax).equals(piece))
  t.ok(body.subarray(7, 17).equals(reads.read(place, 7, 10, reader) as Uint8Array))
  t.equal(reader.wakes, 0)
})

t.test('what the disk must bring comes later, asked for once', async t => {
  const script = scripted(body)
  script.isAtHand = false
  const reads = readsOf(script)
  const reader = new Reader()
  const got: Buffer[] = []
  reader.onWake = () => got.push(Buffer.from(reads.read(place, reader.at, 100, reader) as Uint8Array))
  t.equal(reads.read(place, 0, 100, reader), 'later')
  t.equal(reads.read(place, 0, 100, reader), 'later')
  t.equal(script.disk.length, 1)
  script.disk[0]()
  await until(() => reader.wakes === 1)
  t.ok(body.subarray(0, 100).equals(got[0]))
  t.equal(reads.read(place, 0, 100, reader), 'later', 'it is not kept')
  t.equal(script.disk.length, 2)
})

t.test('who does not take it when it comes reads it again', async t => {
  const script = scripted(body)
  script.isAtHand = false
  const reads = readsOf(script)
  const reader = new Reader()
  reads.read(place, 0, 100, reader)
  script.disk[0]()
  await until(() => reader.wakes === 1)
  script.isAtHand = true
  t.ok(body.subarray(0, 50).equals(reads.read(place, 0, 50, reader) as Uint8Array))
})

t.test('who is elsewhere by then gets what lies there', async t => {
  const script = scripted(body)
  script.isAtHand = false
  const reads = readsOf(script)
  const reader = new Reader()
  let got: unknown
  reader.onWake = () => {
    script.isAtHand = true
    got = Buffer.from(reads.read(place, 200, 10, reader) as Uint8Array)
  }
  reads.read(place, 0, 10, reader)
  script.disk[0]()
  await until(() => reader.wakes === 1)
  t.strictSame(got, body.subarray(200, 210))
})

t.test('who comes no more is not woken, and the disk is not asked for him', async t => {
  const script = scripted(body)
  script.isAtHand = false
  const reads = readsOf(script, new DiskReads(1))
  const readers = [new Reader(), new Reader(), new Reader()]
  for (const reader of readers) reads.read(place, 0, 10, reader)
  t.equal(script.disk.length, 1, 'one at a time')
  reads.forget(readers[0])
  reads.forget(readers[1])
  script.disk[0]()
  await until(() => script.disk.length === 2)
  script.disk[1]()
  await until(() => readers[2].wakes === 1)
  t.strictSame(
    readers.map(({ wakes }) => wakes),
    [0, 0, 1],
  )
  t.equal(script.disk.length, 2)
})

t.test('what cannot be read is broken, at once and later', async t => {
  const script = scripted(body)
  script.isBroken = true
  const reads = readsOf(script)
  const reader = new Reader()
  t.equal(reads.read(place, 0, 10, reader), 'broken')
  t.equal(readsOf(scripted(body)).read(place, body.length, 10, reader), 'broken', 'as is a file that was cut')
  script.isAtHand = false
  let got: unknown
  reader.onWake = () => {
    got = reads.read(place, 0, 10, reader)
  }
  t.equal(reads.read(place, 0, 10, reader), 'later')
  script.disk[0]()
  await until(() => reader.wakes === 1)
  t.equal(got, 'broken')
})

t.test('a segment that is gone is read for so long, and not longer', async t => {
  const script = scripted(body)
  const reader = new Reader()
  script.goneSinceMs = performance.now()
  t.type(readsOf(script).read(place, 0, 10, reader), Uint8Array)
  t.equal(readsOf(script, new DiskReads(2), -1).read(place, 0, 10, reader), 'broken')
})

t.test('close() lets the segment go, and wakes nobody', async t => {
  const script = scripted(body)
  script.isAtHand = false
  const one = new DiskReads(1)
  const [closed, other] = [readsOf(script, one), readsOf(script, one)]
  const [reader, next] = [new Reader(), new Reader()]
  t.equal(script.holds, 2)
  closed.read(place, 0, 10, reader)
  other.read(place, 0, 10, next)
  closed.close()
  t.equal(script.holds, 1)
  script.disk[0]()
  await until(() => script.disk.length === 2)
  t.equal(reader.wakes, 0)
})
