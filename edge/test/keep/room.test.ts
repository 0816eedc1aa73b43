import { closeSync, existsSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { createSegment } from '../../cache/segments/create.js'
import { segmentPath } from '../../cache/segments/header.js'
import { Room } from '../../keep/room.js'
import { needsAddon } from '../shared/support/ground.js'

const segmentBytes = 8_192

function roomOf(directory: string, keepBytes: number) {
  const lines: string[] = []
  const room = new Room({
    directory,
    keepBytes: () => keepBytes,
    log: (_level, message) => void lines.push(message),
  })
  return { room, lines }
}

function furnish(directory: string, count: number): void {
  for (let id = 1; id <= count; id += 1)
    writeFileSync(segmentPath(directory, id), Buffer.alloc(segmentBytes, 1))
}

t.test('Room.look() counts what is there, and evicts nothing while it fits', needsAddon, async t => {
  const directory = t.testdir()
  furnish(directory, 3)
  const { room, lines } = roomOf(directory, 3 * segmentBytes)
  t.equal(room.size, undefined)
  await room.look()
  t.strictSame(room.size, { files: 3, bytes: 3 * segmentBytes })
  t.equal(room.segmentsEvicted, 0)
  t.strictSame(lines, [])
})

t.test('Room.look() evicts the oldest until enough is free, and says how much', needsAddon, async t => {
  const directory = t.testdir()
  furnish(directory, 5)
  const { room, lines } = roomOf(directory, 3 * segmentBytes)
  await Promise.all([room.look(), room.look(), room.idle()])
  t.strictSame(room.size, { files: 3, bytes: 3 * segmentBytes })
  t.match(room, { segmentsEvicted: 2, segmentBytesEvicted: 2 * segmentBytes })
  t.notOk(existsSync(segmentPath(directory, 2)))
  t.ok(existsSync(segmentPath(directory, 3)))
  t.strictSame(lines, ['segments evicted'])
})

t.test(
  'Room.isNearlyFull says whether something has to leave soon, and who is told of each look',
  needsAddon,
  async t => {
    const directory = t.testdir()
    furnish(directory, 8)
    const looks: unknown[] = []
    const keep = { bytes: 9 * segmentBytes }
    const room = new Room({
      directory,
      keepBytes: () => keep.bytes,
      log: () => {},
      onLooked: files => void looks.push(files.map(({ id }) => id)),
    })
    t.equal(room.isNearlyFull, false, 'not known yet')
    await room.look()
    t.equal(room.isNearlyFull, false)
    keep.bytes = 8 * segmentBytes
    await room.look()
    t.equal(room.isNearlyFull, true)
    keep.bytes = 6 * segmentBytes
    await room.look()
    const all = [1, 2, 3, 4, 5, 6, 7, 8]
    t.strictSame(looks, [all, all, all.slice(2)])
  },
)

t.test('Room.look() spares what is written to', needsAddon, async t => {
  const directory = t.testdir()
  const [oldest, second, newest] = [0, 1, 2].map(() => createSegment(directory, segmentBytes))
  closeSync(second.fd)
  const { room } = roomOf(directory, 0)
  await room.look()
  t.equal(room.segmentsEvicted, 1)
  t.ok(existsSync(segmentPath(directory, oldest.id)))
  for (const { fd } of [oldest, newest]) closeSync(fd)
})

t.test('Room.look() says that it cannot look, and knows nothing then', needsAddon, async t => {
  const { room, lines } = roomOf(`${t.testdir()}/none`, 0)
  await room.look()
  t.equal(room.size, undefined)
  t.strictSame(lines, ['the segments could not be listed'])
})
