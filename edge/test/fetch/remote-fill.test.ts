import { appendFileSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { FillLogs } from '../../fetch/fill-log.js'
import { RemoteFill } from '../../fetch/remote-fill.js'
import { bodyOf, descriptors, stageOf, writeChunks } from '../cache/segments/support.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { recordOf } from '../support/store-records.js'
import { bodiesOf, Reader } from './support/travel.js'

const ref = { slot: 1, turn: 1 }
const body = bodyOf('remote', 300_000)

/** A body that one side writes bit by bit, and a fill of it as another worker sees it. */
function stagesOf(t: Test, { record = recordOf('k', 0), isUnknown = false } = {}) {
  const length = isUnknown ? undefined : body.length
  const directory = `${t.testdir()}/segments`
  const runDirectory = runDirectoryOf(t)
  const { segments } = stageOf(t, { directory })
  const bodies = bodiesOf(t, directory)
  const writing = segments.begin(length)
  if (writing === undefined) throw new Error('nothing can be written')
  const logs = new FillLogs(runDirectory, 'g')
  const log = logs.create(1, ref, { variant: 'v', length, segment: writing.segment, record })
  t.teardown(() => log.close())
  const open = (): RemoteFill => new RemoteFill(logs.open(1, ref)!, bodies)
  const write = async (from: number, to: number) => {
    await writeChunks(writing, body.subarray(from, to), 50_000)
    await until(() => writing.written === to)
  }
  const say = (progress: 'open' | 'whole' | 'broken') => log.append(writing.placeSoFar(), progress)
  const openFiles = () => [...descriptors(runDirectory), ...descriptors(directory)].length
  return { open, write, say, log, directory, runDirectory, openFiles }
}

t.test('RemoteFill is read while it comes, and by who comes late', needsAddon, async t => {
  const { open, write, say } = stagesOf(t)
  const fill = open()
  t.match(fill, { length: body.length, variant: 'v', isReadable: true })
  t.match(fill.head(), { status: 200, etag: '"1-0"' })
  const early = new Reader(fill)
  t.equal(fill.read(early, 10), 'later')
  await write(0, 4)
  fill.wake()
  t.equal(early.at, 0, 'nobody said so')
  say('open')
  fill.wake()
  await until(() => early.at === 4)
  await write(4, 300_000)
  say('open')
  const late = new Reader(fill)
  t.notOk(late.end)
  fill.wake()
  await until(() => early.at === body.length && late.at === body.length)
  t.notOk(early.end, 'nobody said that this was all')
  say('whole')
  fill.wake()
  t.strictSame([early.end, late.end], ['end', 'end'])
  t.ok(early.bytes.equals(body) && late.bytes.equals(body))
  t.ok(fill.isReadable, 'until it is over')
  t.ok(new Reader(fill).at >= 0)
  fill.progressed()
  fill.over()
})

t.test('RemoteFill gives what is wanted, and not more than is written', needsAddon, async t => {
  const { open, write, say } = stagesOf(t, { isUnknown: true })
  const fill = open()
  t.equal(fill.length, undefined)
  await write(0, 100)
  say('open')
  await write(100, 200)
  fill.wake()
  const reader = new Reader(fill, true)
  const read = (bytesMax: number) => {
    const piece = fill.read(reader, bytesMax)
    return typeof piece === 'string' ? piece : Buffer.from(piece)
  }
  await until(() => read(30) !== 'later')
  t.strictSame(read(30), body.subarray(0, 30))
  reader.at = 90
  await until(() => read(30) !== 'later')
  t.strictSame(read(30), body.subarray(90, 100))
  reader.at = 100
  t.equal(read(30), 'later')
  reader.leave()
  fill.over()
})

t.test('RemoteFill that breaks is broken for all who read it', needsAddon, async t => {
  const { open, write, say } = stagesOf(t)
  const fill = open()
  const [quick, slow] = [new Reader(fill), new Reader(fill, true)]
  await write(0, 10)
  say('open')
  fill.wake()
  await until(() => quick.at === 10)
  say('broken')
  fill.wake()
  slow.goOn()
  t.strictSame([quick.end, slow.end], ['broken', 'broken'])
  t.notOk(fill.isReadable)
  fill.over()
})

t.test('RemoteFill whose leader says no more is broken, however much there is', needsAddon, async t => {
  const { open, write, say, log } = stagesOf(t)
  const fill = open()
  const reader = new Reader(fill)
  await write(0, body.length)
  say('open')
  log.close()
  fill.over()
  await until(() => reader.end !== undefined)
  t.equal(reader.end, 'broken', 'nobody said that this was all')
  t.notOk(fill.isReadable)
})

t.test('over() reads what was said last, and slow readers get all behind it', needsAddon, async t => {
  const { open, write, say, log, directory, openFiles } = stagesOf(t)
  const fill = open()
  const [reader, slow] = [new Reader(fill), new Reader(fill, true)]
  await write(0, body.length)
  say('whole')
  log.close()
  fill.over()
  await until(() => reader.end === 'end')
  // The segment may go from the directory meanwhile.
  rmSync(directory, { recursive: true })
  t.ok(openFiles() > 0)
  slow.goOn()
  await until(() => slow.end !== undefined)
  t.equal(slow.end, 'end')
  t.ok(slow.bytes.equals(body))
})

t.test('RemoteFill closes its log when it is over and nobody reads it', needsAddon, async t => {
  const { open, write, say, log } = stagesOf(t)
  const fill = open()
  const [one, other] = [new Reader(fill, true), new Reader(fill, true)]
  await write(0, 10)
  say('whole')
  log.close()
  const logsOpen = () => descriptors('/tmp/naij-').filter(({ path }) => path.includes('fill-g-')).length
  one.leave()
  one.leave()
  t.equal(logsOpen(), 1)
  fill.over()
  t.equal(logsOpen(), 1, 'for the other')
  other.leave()
  t.equal(logsOpen(), 0)
  fill.wake()
})

t.test('RemoteFill whose segment is gone, or whose head is none, is not readable', needsAddon, async t => {
  const gone = stagesOf(t)
  rmSync(gone.directory, { recursive: true })
  const fill = gone.open()
  t.notOk(fill.isReadable)
  t.equal(new Reader(fill).end, 'broken')
  fill.over()
  const headless = stagesOf(t, { record: Buffer.from('no record') }).open()
  t.notOk(headless.isReadable)
  t.throws(() => headless.head(), /head of a fill/)
  headless.over()
})

t.test('RemoteFill whose log cannot be read any more is broken', needsAddon, async t => {
  const { open, write, say, runDirectory } = stagesOf(t)
  const fill = open()
  const [reader, slow] = [new Reader(fill), new Reader(fill, true)]
  await write(0, 10)
  say('open')
  appendFileSync(`${runDirectory}/fill-g-1-1-1`, 'what is this\n')
  fill.wake()
  slow.goOn()
  t.strictSame([reader.end, slow.end], ['broken', 'broken'])
  t.notOk(fill.isReadable)
  fill.over()
})
