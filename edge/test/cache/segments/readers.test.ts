import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { encodeHeader, segmentPath, thisBootId } from '../../../cache/segments/header.js'
import { Readers } from '../../../cache/segments/readers.js'
import { descriptors, until } from './support.js'

interface Library {
  readers: Readers
  directory: string
  lines: string[]
}

function libraryOf(t: Test, ids: number[], openMax = 2): Library {
  const directory = t.testdir()
  const lines: string[] = []
  for (const id of ids) {
    writeFileSync(segmentPath(directory, id), encodeHeader({ id, bootId: thisBootId, createdMs: 0 }))
  }
  const log = (_level: string, message: string): unknown => lines.push(message)
  const readers = new Readers({ directory, openMax, log, now: () => 42 })
  t.teardown(() => readers.close())
  return { readers, directory, lines }
}

async function use(readers: Readers, id: number): Promise<boolean> {
  const reader = readers.hold(id)
  const fd = await readers.open(reader)
  readers.release(reader)
  return fd !== undefined
}

t.test('at most openMax stay open, those used last', async t => {
  const { readers, directory } = libraryOf(t, [1, 2, 3])
  t.equal(readers.opened(1), undefined)
  t.ok(await use(readers, 1))
  t.ok(await use(readers, 2))
  t.match(readers.opened(1), { id: 1, isOfThisBoot: true })
  t.ok(await use(readers, 3))
  t.strictSame(
    [1, 2, 3].map(id => readers.opened(id) !== undefined),
    [true, false, true],
  )
  t.equal(readers.openCount, 2)
  await until(() => descriptors(directory).length === 2)
})

t.test('what is held stays open, beyond openMax', async t => {
  const { readers } = libraryOf(t, [1, 2, 3], 1)
  const held = [1, 2].map(id => readers.hold(id))
  for (const reader of held) await readers.open(reader)
  t.ok(await use(readers, 3))
  t.equal(readers.openCount, 2)
  for (const reader of held) readers.release(reader)
  t.equal(readers.openCount, 1)
})

t.test('one opening serves all who ask meanwhile', async t => {
  const { readers, directory } = libraryOf(t, [1])
  t.strictSame(await Promise.all([use(readers, 1), use(readers, 1), use(readers, 1)]), [true, true, true])
  t.equal(descriptors(directory).length, 1)
})

t.test('what is no segment is absent, with a line in the log unless it is just not there', async t => {
  const { readers, directory, lines } = libraryOf(t, [1])
  t.notOk(await use(readers, 9))
  t.strictSame(lines, [])
  writeFileSync(segmentPath(directory, 2), encodeHeader({ id: 1, bootId: thisBootId, createdMs: 0 }))
  writeFileSync(segmentPath(directory, 3), 'short')
  mkdirSync(segmentPath(directory, 4))
  symlinkSync(segmentPath(directory, 1), segmentPath(directory, 5))
  for (const id of [2, 3, 4, 5]) t.notOk(await use(readers, id), String(id))
  t.equal(lines.length, 4)
  t.equal(readers.openCount, 0)
  await until(() => descriptors(directory).length === 0)
})

t.test('openedNow() opens a segment at once, and what is none never', async t => {
  const { readers, directory, lines } = libraryOf(t, [1, 2, 3])
  for (const id of [1, 2, 3]) t.match(readers.openedNow(id), { id, isOfThisBoot: true })
  t.equal(readers.openedNow(3), readers.opened(3))
  t.equal(readers.openCount, 2, 'no more than may stay open')
  t.equal(readers.openedNow(9), undefined)
  t.strictSame(lines, [])
  writeFileSync(segmentPath(directory, 4), encodeHeader({ id: 1, bootId: thisBootId, createdMs: 0 }))
  writeFileSync(segmentPath(directory, 5), 'short')
  mkdirSync(segmentPath(directory, 6))
  symlinkSync(segmentPath(directory, 1), segmentPath(directory, 7))
  for (const id of [4, 5, 6, 7]) t.equal(readers.openedNow(id), undefined, String(id))
  t.equal(lines.length, 4)
  readers.close()
  t.equal(readers.openedNow(1), undefined)
  t.equal(readers.openCount, 0)
  await until(() => descriptors(directory).length === 0)
})

t.test('what is opened at once while it is being opened is open once', async t => {
  const { readers, directory } = libraryOf(t, [1])
  const held = readers.hold(1)
  const opening = readers.open(held)
  const { fd } = readers.openedNow(1)!
  t.equal(await opening, fd)
  t.equal(readers.openCount, 1)
  await until(() => descriptors(directory).length === 1)
  readers.release(held)
  t.equal(readers.opened(1)?.fd, fd)
})

t.test('sweep() closes what is gone, and counts what is still held', async t => {
  const { readers, directory } = libraryOf(t, [1, 2, 3], 9)
  await use(readers, 1)
  await use(readers, 3)
  const held = readers.hold(2)
  await readers.open(held)
  readers.sweep()
  t.equal(readers.openCount, 3)
  unlinkSync(segmentPath(directory, 1))
  unlinkSync(segmentPath(directory, 2))
  readers.sweep()
  readers.sweep()
  t.equal(readers.openCount, 2)
  t.equal(held.goneSinceMs, 42)
  t.ok(readers.unlinkedBytes >= 64)
  t.ok(readers.opened(2), 'still readable')
  readers.release(held)
  t.equal(readers.unlinkedBytes, 0)
  t.equal(readers.openCount, 1)
  await until(() => descriptors(directory).length === 1)
})

t.test('close() leaves what is held until it is released', async t => {
  const { readers, directory } = libraryOf(t, [1, 2], 9)
  await use(readers, 1)
  const held = readers.hold(2)
  await readers.open(held)
  const never = readers.hold(1_000)
  readers.close()
  t.equal(readers.openCount, 1)
  t.equal(await readers.open(never), undefined)
  readers.release(never)
  readers.release(held)
  t.equal(readers.openCount, 0)
  rmSync(directory, { recursive: true })
})
