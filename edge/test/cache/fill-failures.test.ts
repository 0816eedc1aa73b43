// Fills when something fails, or is slow, in the middle: who reads gets every byte all the same.
import { closeSync, openSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Place, Segments } from '../../cache/segments/segments.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { type Filling, fillingOf, pour, Reader, readBack, through } from './filling.js'
import { bodyOf, descriptors, mebibyte, type Stage, stageOf } from './segments/support.js'

/** The descriptor that bodies are written to; to be asked before anything is read. */
function writerOf({ segments, directory }: Stage): number {
  segments.begin(1)?.abandon()
  return descriptors(directory)[0].fd
}

/** From now on the disk is full for what is written there. */
function fillDisk(fd: number): void {
  closeSync(fd)
  const others: number[] = []
  for (let next = openSync('/dev/full', 'w'); next !== fd; next = openSync('/dev/full', 'w'))
    others.push(next)
  for (const other of others) closeSync(other)
}

/** Nothing of it is in memory only, or on its way. */
function isWritten({ budget }: Filling): Promise<void> {
  return until(() => budget.used === 0)
}

/** Three that have read all, some and nothing of what came, of whom two read no further. */
async function readersOf(filling: Filling, body: Buffer): Promise<Reader[]> {
  const [quick, halfway, slow] = [
    new Reader(filling.fill),
    new Reader(filling.fill),
    new Reader(filling.fill),
  ]
  slow.isSlow = true
  await pour(filling, body.subarray(0, body.length / 2))
  await until(() => halfway.at === body.length / 2)
  halfway.isSlow = true
  await pour(filling, body.subarray(body.length / 2))
  return [quick, halfway, slow]
}

async function allGet(t: Test, readers: Reader[], body: Buffer): Promise<void> {
  for (const reader of readers) reader.hurry()
  await until(() => readers.every(({ end }) => end !== undefined))
  for (const reader of readers) t.ok(reader.end === 'end' && reader.body.equals(body))
}

t.test(
  'the disk is full in the middle: all get it to its end, and nothing is stored',
  needsAddon,
  async t => {
    const stage = stageOf(t)
    const writer = writerOf(stage)
    const filling = fillingOf(t, { segments: stage.segments })
    const { fill } = filling
    const told: string[] = []
    const body = bodyOf('b', 2 * mebibyte)
    const readers = await readersOf(filling, body.subarray(0, mebibyte))
    fill.showTo((_, progress) => void told.push(progress))
    await isWritten(filling)
    fillDisk(writer)
    const poured = pour(filling, body.subarray(mebibyte))
    await until(() => !fill.isOpen)
    t.ok(fill.isWanted)
    t.equal(told.at(-1), 'broken', 'who reads along elsewhere')
    for (const reader of readers) reader.hurry()
    await poured
    await fill.complete()
    await allGet(t, readers, body)
    t.strictSame(filling.kept, [])
    t.equal(filling.budget.used, 0)
    t.match(stage.lines[0], { message: /not stored for a while/, details: { code: 'store-full' } })
  },
)

t.test('the disk is full at the last byte: who reads gets it, and it is said', needsAddon, async t => {
  const stage = stageOf(t)
  const writer = writerOf(stage)
  const filling = fillingOf(t, { segments: stage.segments })
  const { fill } = filling
  const told: string[] = []
  const body = bodyOf('b', mebibyte)
  const readers = await readersOf(filling, body.subarray(0, -10))
  fill.showTo((_, progress) => void told.push(progress))
  await isWritten(filling)
  fillDisk(writer)
  fill.add(body.subarray(-10))
  await fill.complete()
  t.ok(fill.isWhole)
  t.equal(told.at(-1), 'broken')
  t.match(filling.failures, [{ code: 'store-full' }])
  t.equal(filling.failures.length, 1)
  t.strictSame(filling.kept, [])
  await allGet(t, readers, body)
  t.equal(filling.budget.used, 0)
  t.notOk(fill.isReadable)
})

t.test('while nothing can be written bodies pass, afterwards they are stored again', needsAddon, async t => {
  const stage = stageOf(t)
  const writer = writerOf(stage)
  fillDisk(writer)
  const failing = fillingOf(t, { segments: stage.segments })
  await pour(failing, bodyOf('a', mebibyte))
  await failing.fill.complete()
  const body = bodyOf('b', mebibyte)
  for (const isStored of [false, true]) {
    const filling = fillingOf(t, { segments: stage.segments })
    const reader = new Reader(filling.fill)
    await pour(filling, body)
    await filling.fill.complete()
    await allGet(t, [reader], body)
    t.equal(filling.kept.length, isStored ? 1 : 0)
    if (isStored) t.ok((await readBack(filling, filling.kept[0] as Place)).equals(body))
    stage.nowMs += 1_000
  }
})

t.test('what the disk must bring comes to all, few at once', needsAddon, async t => {
  const { segments } = stageOf(t)
  let running = 0
  let most = 0
  const readLater: Segments['readLater'] = async (...asked) => {
    running += 1
    most = Math.max(most, running)
    const got = await segments.readLater(...asked)
    running -= 1
    return got
  }
  const cold = through(segments, { read: () => 'wait', readLater })
  const filling = fillingOf(t, { segments: cold, diskReadsMax: 3 })
  const body = bodyOf('b', 3 * mebibyte)
  const readers = await readersOf(filling, body)
  for (let late = 0; late < 8; late += 1) readers.push(new Reader(filling.fill))
  await filling.fill.complete()
  const leaver = new Reader(filling.fill)
  await allGet(t, readers, body)
  t.equal(most, 3)
  filling.fill.detach(leaver)
  t.equal(filling.budget.used, 0)
})

t.test('too large: the origin waits for the slowest, and for nobody when he leaves', needsAddon, async t => {
  const filling = fillingOf(t, { bodyBytesMax: mebibyte })
  const { fill, budget } = filling
  const quick = new Reader(fill)
  const slow = new Reader(fill)
  slow.isSlow = true
  let isPoured = false
  const poured = pour(filling, bodyOf('b', 3 * mebibyte)).then(() => {
    isPoured = true
  })
  await until(() => !fill.isOpen)
  t.notOk(isPoured)
  t.ok(budget.used <= 512 * 1024, `${budget.used} bytes in memory`)
  fill.detach(slow)
  await poured
  await fill.complete()
  await allGet(t, [quick], bodyOf('b', 3 * mebibyte))
  t.equal(budget.used, 0)
})

t.test('too large: when all have left nothing is wanted', needsAddon, async t => {
  const filling = fillingOf(t, { bodyBytesMax: mebibyte })
  const { fill, budget } = filling
  const readers = [new Reader(fill), new Reader(fill)]
  for (const reader of readers) reader.isSlow = true
  const poured = pour(filling, bodyOf('b', 3 * mebibyte))
  await until(() => !fill.isOpen)
  for (const reader of readers) fill.detach(reader)
  await poured
  t.notOk(fill.isWanted)
  t.equal(budget.used, 0)
})

t.test(
  'a fill whose origin breaks off breaks for all, those who read in the segment too',
  needsAddon,
  async t => {
    const filling = fillingOf(t)
    const readers = await readersOf(filling, bodyOf('b', mebibyte))
    filling.fill.discard()
    for (const reader of readers) reader.hurry()
    t.ok(readers.every(({ end }) => end === 'broken'))
    t.strictSame(filling.kept, [])
    t.equal(filling.budget.used, 0)
  },
)

t.test('what cannot be shown to others is stored all the same', needsAddon, async t => {
  const { segments } = stageOf(t)
  const filling = fillingOf(t, { segments: through(segments, { begin: () => undefined }) })
  filling.fill.add(Buffer.from('few'))
  t.equal(
    filling.fill.showTo(() => t.fail('nothing to tell')),
    undefined,
  )
  t.ok(filling.fill.isOpen)
  await filling.fill.complete()
  t.strictSame(filling.kept, [Buffer.from('few')])
})
