import { fstatSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import t, { type Test } from 'tap'
import { allocate } from '../../../../native/index.js'
import { headerBytes } from '../../../cache/segments/header.js'
import { OpenSegment } from '../../../cache/segments/segment.js'
import { roomy } from './roomy.js'

const mebibyte = 1024 * 1024

function segmentOf(t: Test): { segment: OpenSegment; path: string; closed: Promise<void>; lines: string[] } {
  const path = `${t.testdir()}/segment`
  const fd = openSync(path, 'w+')
  ftruncateSync(fd, headerBytes)
  const lines: string[] = []
  let isClosed: () => void
  const closed = new Promise<void>(resolve => {
    isClosed = resolve
  })
  const log = (_level: string, message: string): unknown => lines.push(message)
  const segment = new OpenSegment(
    { id: 5, fd },
    { space: roomy, bytesMax: mebibyte, log, onClosed: () => isClosed() },
  )
  return { segment, path, closed, lines }
}

t.test('hasRoom() takes what fits, and one that is larger than a segment alone', async t => {
  const { segment } = segmentOf(t)
  t.ok(segment.hasRoom(5 * mebibyte), 'the first')
  t.equal(segment.reserve(mebibyte - headerBytes - 10), headerBytes)
  t.ok(segment.hasRoom(10))
  t.notOk(segment.hasRoom(11))
  t.equal(segment.reserve(11), mebibyte - 10, 'who has begun goes on')
  segment.retire()
  t.notOk(segment.hasRoom(0))
})

t.test(
  'a retired segment is closed with its last writing, and what was reserved behind it is free',
  async t => {
    const { segment, path, closed } = segmentOf(t)
    const isReserved = allocate(segment.fd, 0, 8 * mebibyte, { keepSize: true })
    writeSync(segment.fd, 'abc', headerBytes)
    segment.enter()
    segment.enter()
    segment.leave()
    segment.retire()
    segment.retire()
    t.ok(fstatSync(segment.fd))
    segment.leave()
    await closed
    t.throws(() => fstatSync(segment.fd), { code: 'EBADF' })
    t.equal(statSync(path).size, headerBytes + 3)
    if (isReserved) t.ok(statSync(path).blocks * 512 < mebibyte)
  },
)

t.test('a descriptor that fails is a line in the log', async t => {
  const lines: unknown[] = []
  const log = (_level: string, message: string): unknown => lines.push(message)
  await new Promise<void>(resolve => {
    new OpenSegment(
      { id: 5, fd: 1_000_000 },
      { space: roomy, bytesMax: 1, log, onClosed: () => resolve() },
    ).retire()
  })
  t.equal(lines.length, 2)
})
