// What stays of a segment that leaves: through a real index and real segments.
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openStore } from '../../cache/bodied-store.js'
import { decodeEntry } from '../../cache/entry.js'
import { writeBody } from '../../cache/place-body.js'
import { listFiles } from '../../cache/segments/directory.js'
import { segmentPath } from '../../cache/segments/header.js'
import { IndexGauge } from '../../keep/index-gauge.js'
import { Lodgers } from '../../keep/lodgers.js'
import { OwnSegments } from '../../keep/own-segments.js'
import { emptySegment } from '../../keep/readmit.js'
import { needsAddon } from '../shared/support/ground.js'
import { noise } from '../support/play.js'
import { draftRecord, indexBytes } from '../support/purged-index.js'

const bytesMax = 8 * indexBytes
const bodyBytes = 100_000
const key = (at: number) => `http play a.example/${at}`
const ever = { freshUntilMs: 4e12 }

/** Ten bodies in one segment, of which those named have been read, and another segment that the keeper may write to. */
async function stageOf(t: Test, used: readonly number[]) {
  const directory = t.testdir()
  const log = (_level: string, message: string) => void t.comment(message)
  const limits = {
    hotBytesMax: 0,
    writeQueueBytesMax: 1e8,
    diskReadsMax: 1,
    evictedReadMaxMs: 0,
    closeTimeoutMs: 60_000,
    workers: 1,
  }
  const store = openStore({ directory, bytesMax, log, ...limits })
  for (let at = 0; at < 10; at += 1) {
    const place = await writeBody(store.bodies!.segments, noise(bodyBytes + at))
    const { record } = draftRecord({ key: key(at), content: place, ...ever })
    await store.put(key(at), record)
  }
  for (const at of used) store.get(key(at))
  await store.close()
  const index = new IndexGauge(directory, indexBytes)
  const segments = new OwnSegments({ directory: `${directory}/segments`, bytesMax, log })
  const [file] = await listFiles(`${directory}/segments`)
  t.teardown(async () => {
    await segments.close()
    await index.close()
  })
  const options = {
    directory: `${directory}/segments`,
    databases: () => index.open(),
    // Later, so that all that was committed counts as seen.
    lodgers: new Lodgers({ databases: () => index.open(), workers: 1, now: () => Date.now() + 60_000 }),
    segments: () => segments.open(),
    credit: { bytes: 0 },
    log,
  }
  const entryOf = (at: number) => {
    const value = index.open().entries.get(key(at))
    const entry = value && decodeEntry(Buffer.from(value))
    return entry?.kind === 'response' ? entry : undefined
  }
  const bodyOf = async (at: number) => {
    const place = entryOf(at)!.place!
    const into = Buffer.alloc(place.bytes)
    await segments.open().readLater(place, 0, into)
    return into
  }
  return { file, options, entryOf, bodyOf, directory }
}

t.test('what was used moves, with its bytes; the rest leaves the index', needsAddon, async t => {
  const { file, options, entryOf, bodyOf } = await stageOf(t, [3, 7])
  const done = await emptySegment(file, options)
  t.strictSame(done, { kept: 2, keptBytes: 2 * bodyBytes + 10, dropped: 8, isAll: true })
  t.strictSame(
    Array.from({ length: 10 }, (_, at) => entryOf(at) !== undefined),
    Array.from({ length: 10 }, (_, at) => at === 3 || at === 7),
  )
  for (const at of [3, 7]) {
    t.not(entryOf(at)!.place!.segment, file.id)
    t.ok((await bodyOf(at)).equals(noise(bodyBytes + at)))
  }
})

t.test('no more than a quarter moves, the youngest of what was used', needsAddon, async t => {
  const { file, options, entryOf } = await stageOf(t, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const { kept, keptBytes, dropped } = await emptySegment(file, options)
  t.equal(kept, 2)
  t.ok(keptBytes <= file.bytes / 4)
  t.equal(dropped, 8)
  t.ok(entryOf(9) !== undefined && entryOf(8) !== undefined)
})

t.test('what is favoured stays before what was used', needsAddon, async t => {
  const { file, options, entryOf } = await stageOf(t, [8, 9])
  const isFavoured = (stored: string) => stored === key(0) || stored === key(1)
  const { kept } = await emptySegment(file, { ...options, isFavoured })
  t.equal(kept, 2)
  t.ok(entryOf(0) !== undefined && entryOf(1) !== undefined)
})

t.test(
  'what was stored anew since is left alone, and moves again with its new segment',
  needsAddon,
  async t => {
    const { file, options, entryOf, directory } = await stageOf(t, [3])
    await emptySegment(file, options)
    const [, moved] = await listFiles(`${directory}/segments`)
    t.ok(existsSync(segmentPath(`${directory}/segments`, moved.id)))
    t.equal(entryOf(3)!.place!.segment, moved.id)
    const again = await emptySegment(file, options)
    t.strictSame(again, { kept: 0, keptBytes: 0, dropped: 0, isAll: true })
    const { kept, dropped } = await emptySegment(moved, options)
    t.strictSame({ kept, dropped }, { kept: 1, dropped: 0 })
  },
)

t.test('of one that is mostly used more may stay, as others had less', needsAddon, async t => {
  const { file, options, entryOf } = await stageOf(t, [0, 1, 2, 3, 4, 5, 6, 7])
  const credit = { bytes: 5 * bodyBytes }
  const { kept, keptBytes } = await emptySegment(file, { ...options, credit })
  t.equal(kept, 7)
  t.ok(entryOf(1) !== undefined && entryOf(0) === undefined)
  t.equal(credit.bytes, 5 * bodyBytes + file.bytes / 4 - keptBytes)
})

t.test('what others had less is not gathered for ever', needsAddon, async t => {
  const { file, options } = await stageOf(t, [])
  const credit = { bytes: 100 * file.bytes }
  await emptySegment(file, { ...options, credit })
  t.equal(credit.bytes, 2 * file.bytes)
})
