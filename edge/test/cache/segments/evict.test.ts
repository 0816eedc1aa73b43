import { closeSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { allocate } from '../../../../native/index.js'
import { createSegment } from '../../../cache/segments/create.js'
import { evict, trimAbandoned } from '../../../cache/segments/evict.js'
import { segmentPath } from '../../../cache/segments/header.js'

const mebibyte = 1024 * 1024

function noted(): { lines: string[]; log: (level: string, message: string) => void } {
  const lines: string[] = []
  return { lines, log: (_level, message) => lines.push(message) }
}

t.test('evict() removes the oldest until few enough bytes are left', async t => {
  const directory = t.testdir()
  const { lines, log } = noted()
  for (let id = 1; id <= 6; id++) writeFileSync(segmentPath(directory, id), Buffer.alloc(100_000, 1))
  const each = Math.max(statSync(segmentPath(directory, 1)).blocks * 512, 100_000)
  t.match(await evict(directory, 10 * each, log), { ids: [] }, 'nothing when all fits')
  t.match(await evict(directory, 4 * each, log), { ids: [1, 2], files: [{ id: 3 }, {}, {}, { id: 6 }] })
  t.match(await evict(directory, 0, log), { ids: [3, 4, 5], files: [{ id: 6 }] }, 'never the newest')
  t.match(await evict(directory, 0, log), { ids: [], files: [{ id: 6 }] })
  t.strictSame(lines, [])
})

t.test('evict() spares what is written to, and goes on behind it', async t => {
  const directory = t.testdir()
  const { log } = noted()
  const [first, second, third] = [0, 1, 2].map(() => createSegment(directory, 4_096))
  closeSync(second.fd)
  t.match(await evict(directory, 0, log), { ids: [second.id], files: [{ id: first.id }, { id: third.id }] })
  closeSync(first.fd)
  t.match(await evict(directory, 0, log), { ids: [first.id] })
  closeSync(third.fd)
})

t.test('evict() and trimAbandoned() tell of what they cannot do', async t => {
  const directory = t.testdir()
  mkdirSync(segmentPath(directory, 1))
  writeFileSync(segmentPath(directory, 2), '')
  const { lines, log } = noted()
  t.match(await evict(directory, -1, log), { ids: [], files: [{ id: 1 }, { id: 2 }] })
  t.equal(lines.length, 1, 'a directory in the place of a segment')
  t.strictSame(await evict(`${directory}/none`, 0, log), { ids: [], files: [] })
  t.equal(lines.length, 2)
  await trimAbandoned(directory, [1, 2, 3], log)
  t.equal(lines.length, 3, 'the directory again; what is gone is no trouble')
})

t.test('trimAbandoned() frees what dead writers reserved, not what living ones did', async t => {
  const directory = t.testdir()
  const { lines, log } = noted()
  const dead = createSegment(directory, 4 * mebibyte)
  const living = createSegment(directory, 4 * mebibyte)
  closeSync(dead.fd)
  const taken = ({ id }: { id: number }): number => statSync(segmentPath(directory, id)).blocks * 512
  const probe = openSync(segmentPath(directory, living.id), 'r+')
  const canReserve = allocate(probe, 0, mebibyte, { keepSize: true })
  closeSync(probe)
  await trimAbandoned(directory, [dead.id, living.id], log)
  t.ok(taken(dead) < mebibyte)
  if (canReserve) t.ok(taken(living) >= mebibyte)
  closeSync(living.fd)
  t.equal(readdirSync(directory).length, 2)
  t.strictSame(lines, [])
})
