// Fills whose bytes go to segments: what readers get is the same, wherever it is by then. What fails is
// fill-failures.test.ts's.
import { rmSync } from 'node:fs'
import t from 'tap'
import { storeError } from '../../cache/commit.js'
import type { Place, Segments, Writing } from '../../cache/segments/segments.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { fillingOf, pour, Reader, readBack, through } from './filling.js'
import { bodyOf, mebibyte, stageOf } from './segments/support.js'

const memoryBytes = 64 * 1024

t.test('a short body stays in memory, a longer one goes to a segment', needsAddon, async t => {
  for (const [bytes, promised] of [
    [memoryBytes, undefined],
    [memoryBytes + 1, undefined],
    [3 * mebibyte, undefined],
    [3 * mebibyte, 3 * mebibyte],
  ]) {
    const filling = fillingOf(t, { promised })
    const body = bodyOf('b', bytes!)
    await pour(filling, body)
    t.ok(filling.budget.used <= memoryBytes + 512 * 1024, `${filling.budget.used} bytes in memory`)
    await filling.fill.complete()
    const [content] = filling.kept
    if (bytes === memoryBytes) t.ok(body.equals(content as Uint8Array))
    else t.ok((await readBack(filling, content as Place)).equals(body), `${bytes}`)
    t.equal(filling.budget.used, 0)
  }
})

t.test('who reads gets every byte: early, late, slow, after the end', needsAddon, async t => {
  const filling = fillingOf(t)
  const { fill } = filling
  const body = bodyOf('b', 4 * mebibyte)
  const readers = [new Reader(fill), new Reader(fill)]
  readers[1].isSlow = true
  await pour(filling, body.subarray(0, mebibyte))
  readers.push(new Reader(fill))
  await pour(filling, body.subarray(mebibyte))
  const completed = fill.complete()
  t.ok(fill.isReadable)
  readers.push(new Reader(fill))
  await completed
  t.ok(fill.isReadable, 'somebody still reads')
  readers[1].isSlow = false
  readers[1].wake()
  await until(() => readers.every(({ end }) => end === 'end'))
  for (const reader of readers) t.ok(reader.body.equals(body))
  t.notOk(fill.isReadable)
})

t.test('what turns out too large goes on for who reads it, from where he is', needsAddon, async t => {
  const filling = fillingOf(t, { bodyBytesMax: 2 * mebibyte })
  const { fill } = filling
  const body = bodyOf('b', 5 * mebibyte)
  const [quick, slow] = [new Reader(fill), new Reader(fill)]
  slow.isSlow = true
  const poured = pour(filling, body)
  await until(() => !fill.isOpen)
  slow.isSlow = false
  slow.wake()
  await poured
  await fill.complete()
  await until(() => quick.end !== undefined && slow.end !== undefined)
  t.ok(quick.body.equals(body) && slow.body.equals(body))
  t.strictSame(filling.kept, [])
  t.equal(filling.budget.used, 0)
})

t.test('a disk that takes nothing (more) costs readers nothing', needsAddon, async t => {
  const { segments } = stageOf(t)
  const none = { begin: () => undefined } as unknown as Segments
  const refused = fillingOf(t, { segments: none })
  const reader = new Reader(refused.fill)
  await pour(refused, bodyOf('b', mebibyte))
  await refused.fill.complete()
  t.ok(reader.body.equals(bodyOf('b', mebibyte)))
  t.strictSame(refused.kept, [])

  const writings: Writing[] = []
  const begin = (promised: number | undefined) => {
    const writing = segments.begin(promised)!
    writings.push(writing)
    return writing
  }
  const filling = fillingOf(t, { segments: through(segments, { begin }) })
  const [quick, slow] = [new Reader(filling.fill), new Reader(filling.fill)]
  slow.isSlow = true
  await pour(filling, bodyOf('c', mebibyte))
  writings[0].onBroken?.(storeError('store-full', 'no room'))
  t.notOk(filling.fill.isOpen)
  slow.isSlow = false
  slow.wake()
  await until(() => slow.at === mebibyte)
  await pour(filling, bodyOf('d', mebibyte))
  await filling.fill.complete()
  await until(() => quick.end !== undefined && slow.end !== undefined)
  const whole = Buffer.concat([bodyOf('c', mebibyte), bodyOf('d', mebibyte)])
  t.ok(quick.body.equals(whole) && slow.body.equals(whole))
})

t.test('others are shown what is written, and how it ends', needsAddon, async t => {
  for (const how of ['whole', 'broken'] as const) {
    const filling = fillingOf(t)
    const told: [bytes: number, progress: string][] = []
    filling.fill.add(Buffer.from('few'))
    const place = filling.fill.showTo((grown, progress) => void told.push([grown.bytes, progress]))
    t.ok(place, 'however little there is')
    await until(() => told.at(-1)?.[0] === 3)
    await pour(filling, bodyOf('b', mebibyte))
    if (how === 'broken') filling.fill.discard()
    else await filling.fill.complete()
    t.equal(told.at(-1)?.[1], how)
    if (how === 'whole') t.equal(told.at(-1)?.[0], 3 + mebibyte)
    t.equal(
      filling.fill.showTo(() => {}),
      undefined,
      'it is over',
    )
  }
})

t.test('a segment that leaves while it is read stays readable for who has begun', needsAddon, async t => {
  const stage = stageOf(t)
  const filling = fillingOf(t, { segments: stage.segments })
  const reader = new Reader(filling.fill)
  reader.isSlow = true
  await pour(filling, bodyOf('b', 2 * mebibyte))
  await filling.fill.complete()
  rmSync(stage.directory, { recursive: true })
  reader.isSlow = false
  reader.wake()
  await until(() => reader.end !== undefined)
  t.ok(reader.body.equals(bodyOf('b', 2 * mebibyte)))
})
