import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import t from 'tap'
import { encodeHeader, segmentPath } from '../../../cache/segments/header.js'
import { decodePlace, encodePlace, openSegments, type Place } from '../../../cache/segments/segments.js'
import { bodyOf, descriptors, mebibyte, readAll, stageOf, until, writeBody } from './support.js'

/** As if the machine had been started again since the segment was written. */
function fromEarlierBoot(directory: string, id: number): void {
  const fd = openSync(segmentPath(directory, id), 'r+')
  writeSync(fd, encodeHeader({ id, bootId: 'ab'.repeat(16), createdMs: 0 }), 0, 64, 0)
  closeSync(fd)
}

t.test('read() gives what is written by any worker, at once when the segment is open', async t => {
  const { segments, directory } = stageOf(t)
  const other = stageOf(t, { directory })
  const body = bodyOf('a', 500_000)
  const place = await writeBody(segments, body)
  const into = Buffer.alloc(100_000)
  t.equal(other.segments.read(place, 0, into), 'wait', 'not open yet')
  t.equal(await other.segments.readLater(place, 100, into), 100_000)
  t.ok(into.equals(body.subarray(100, 100_100)))
  t.equal(other.segments.read(place, 450_000, into), 50_000)
  t.ok(into.subarray(0, 50_000).equals(body.subarray(450_000)))
  t.equal(other.segments.read(place, 500_000, into), 0, 'the end')
  t.equal(await other.segments.readLater(place, 500_001, into), 0)
  t.ok((await readAll(other.segments, decodePlace(encodePlace(place))!))?.equals(body))
})

t.test('a body can be read by others while it is written', async t => {
  const { segments, directory } = stageOf(t)
  const other = stageOf(t, { directory })
  const body = bodyOf('a', 300_000)
  const writing = segments.begin(undefined)!
  for (let at = 0; at < body.length; at += 50_000) {
    writing.append(body.subarray(at, at + 50_000))
    await until(() => writing.written === writing.appended)
    const soFar = writing.placeSoFar()
    t.ok((await readAll(other.segments, soFar))?.equals(body.subarray(0, at + 50_000)))
  }
  writing.abandon()
})

t.test('a segment that was evicted is absent, and readable for who holds it', async t => {
  const stage = stageOf(t, { segmentBytes: 100_000 })
  const { segments, directory } = stage
  const places: Place[] = []
  for (const name of ['a', 'b', 'c']) places.push(await writeBody(segments, bodyOf(name, 90_000)))
  const [first, second, third] = places
  await until(() => descriptors(directory).length === 1)
  for (const place of places) await readAll(segments, place)
  const hold = segments.hold(first)
  const early = segments.hold({ ...first, segment: 1 })
  t.equal(hold.goneSinceMs, undefined)
  t.strictSame(await segments.evictOldest(0), [first.segment, second.segment])
  t.equal(hold.goneSinceMs, stage.nowMs)
  t.ok((await readAll(segments, first))?.equals(bodyOf('a', 90_000)))
  t.equal(await readAll(segments, second), undefined)
  t.ok((await readAll(segments, third))?.equals(bodyOf('c', 90_000)))
  t.ok(segments.status().unlinkedBytes >= 90_000)
  hold.release()
  hold.release()
  early.release()
  t.match(segments.status(), { files: 1, unlinkedBytes: 0, openReaders: 1 })
  t.equal(await readAll(segments, first), undefined)
})

t.test('what another process has unlinked is let go of by status(), and by time', async t => {
  const { segments, directory } = stageOf(t)
  const place = await writeBody(segments, bodyOf('a', 1_000))
  await readAll(segments, place)
  unlinkSync(segmentPath(directory, place.segment))
  t.equal(segments.status().openReaders, 0)
  t.equal(await readAll(segments, place), undefined)
})

t.test('status() counts all workers, and its own new segments at once', async t => {
  const { segments, directory } = stageOf(t)
  t.match(segments.status(), { files: 0, bytes: 0 })
  await writeBody(segments, bodyOf('a', 1_000))
  t.match(segments.status(), { files: 1, bytes: mebibyte })
  const other = stageOf(t, { directory })
  t.match(other.segments.status(), { files: 1 })
  t.ok(other.segments.status().bytes >= 1_064)
})

t.test('bodies from before the last start are checked before their first use', async t => {
  const { segments, directory } = stageOf(t)
  const place = await writeBody(segments, bodyOf('a', 300_000))
  const damaged = await writeBody(segments, bodyOf('b', 300_000))
  const empty = await writeBody(segments, Buffer.alloc(0))
  t.equal(segments.needsCheck(empty), false)
  t.ok(segments.needsCheck(place), 'not known before the segment is open')
  t.equal(await segments.check(place), true)
  t.equal(segments.needsCheck(place), false)
  await segments.close()
  fromEarlierBoot(directory, place.segment)
  const fd = openSync(segmentPath(directory, damaged.segment), 'r+')
  writeSync(fd, Buffer.alloc(4_096), 0, 4_096, damaged.extents[0][0] + 100_000)
  closeSync(fd)
  const later = stageOf(t, { directory }).segments
  t.equal(await later.check(empty), true)
  t.ok(later.needsCheck(place))
  t.equal(await later.check(place), true)
  t.equal(later.needsCheck(place), false)
  t.equal(await later.check(place), true)
  t.equal(await later.check(damaged), false)
  t.ok(later.needsCheck(damaged))
  t.equal(await later.check({ ...place, segment: 1 }), false, 'what is absent')
})

t.test('isThere() and checkNow() tell at once whether a body can be used', async t => {
  const { segments, directory } = stageOf(t)
  const place = await writeBody(segments, bodyOf('a', 300_000))
  const damaged = await writeBody(segments, bodyOf('b', 300_000))
  t.ok(segments.isThere(place.segment))
  t.notOk(segments.isThere(1))
  t.equal(segments.needsCheck(damaged), false, 'it was written since the machine started')
  await segments.close()
  t.notOk(segments.isThere(place.segment))
  fromEarlierBoot(directory, place.segment)
  const fd = openSync(segmentPath(directory, damaged.segment), 'r+')
  writeSync(fd, Buffer.alloc(1), 0, 1, damaged.extents[0][0] + 299_999)
  closeSync(fd)
  const later = stageOf(t, { directory })
  t.ok(later.segments.needsCheck(place))
  t.equal(later.segments.checkNow(place), true)
  t.equal(later.segments.needsCheck(place), false)
  t.equal(later.segments.checkNow(damaged), false)
  t.equal(later.segments.checkNow({ ...place, segment: 1 }), false, 'what is absent')
  t.strictSame(later.lines, [])
  t.equal(later.segments.checkNow({ ...place, extents: [[2 ** 60, 10]] }), false, 'what cannot be read')
  t.match(later.lines, [{ message: 'a body could not be read' }])
})

t.test(
  'what is damaged is absent: a cut file, a foreign header, extents beyond the end, no directory',
  async t => {
    const { segments, directory } = stageOf(t, { openReadersMax: 1 })
    const place = await writeBody(segments, bodyOf('a', 100_000))
    const { segment, crc } = place
    const path = segmentPath(directory, segment)
    await readAll(segments, place)
    const beyond: Place = { segment, extents: [[5_000_000, 10]], bytes: 10, crc }
    t.equal(await readAll(segments, beyond), undefined)
    truncateSync(path, 50_000)
    t.equal(await readAll(segments, place), undefined)
    t.equal(await segments.check({ ...place, crc: 1 }), true, 'which is about losses of power only')
    const foreign = segment + 1
    writeFileSync(segmentPath(directory, foreign), readFileSync(path))
    t.equal(await readAll(segments, { ...place, segment: foreign }), undefined)
    rmSync(directory, { recursive: true })
    segments.status()
    t.equal(await readAll(segments, place), undefined)
    t.strictSame(await segments.evictOldest(0), [])
    t.match(segments.status(), { files: 0 })
  },
)

t.test('a descriptor that fails under a read is a line in the log, and the body absent', async t => {
  const { segments, directory, lines } = stageOf(t)
  const place = await writeBody(segments, bodyOf('a', 1_000))
  const writer = descriptors(directory)[0].fd
  await readAll(segments, place)
  closeSync(descriptors(directory).find(({ fd }) => fd !== writer)!.fd)
  t.equal(segments.read(place, 0, Buffer.alloc(10)), undefined)
  t.equal(await segments.readLater(place, 0, Buffer.alloc(10)), undefined)
  t.match(lines, [{ message: 'a body could not be read', details: { error: { code: 'EBADF' } } }])
  segments.status()
  t.ok((await readAll(segments, place))?.equals(bodyOf('a', 1_000)), 'it is opened anew')
})

t.test('openSegments() throws what making the directory throws', async t => {
  const directory = t.testdir({ file: '' })
  const options = { segmentBytes: mebibyte, openReadersMax: 1, log: () => {} }
  t.throws(() => openSegments({ directory: `${directory}/file`, ...options }), { code: 'EEXIST' })
  t.throws(() => openSegments({ directory: '/sys/kernel/segments', ...options }), {
    code: /^(EPERM|EACCES|EROFS|ENOENT)$/,
  })
})
