import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import t, { type Test } from 'tap'
import { type FillHead, FillLogReader, FillLogs, FillLogWriter } from '../../fetch/fill-log.js'
import { descriptors } from '../cache/segments/support.js'

const fill = { slot: 7, turn: 3 }
const record = Buffer.from('a record\nwith a line \0\xff', 'latin1')
const head: FillHead = { variant: 'gzip\n"é"', length: 12, segment: 2 ** 41, record }

function logsOf(t: Test) {
  const directory = t.testdir()
  return { directory, logs: new FillLogs(directory, 'group') }
}

function opened(logs: FillLogs, owner = 1): FillLogReader {
  const reader = logs.open(owner, fill)
  if (reader === undefined) throw new Error('there should be a log')
  t.teardown(() => reader.close())
  return reader
}

/** Of a file with these bytes: what makes of it who opens it. */
function readerOf(t: Test, bytes: Uint8Array | string) {
  const path = `${t.testdir()}/log`
  writeFileSync(path, bytes)
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  return { path, read: () => new FillLogReader(fd) }
}

t.test('FillLogs: what one writes others read, head, extents, progress', async t => {
  const { directory, logs } = logsOf(t)
  const log = logs.create(1, fill, head)
  const early = opened(logs)
  t.strictSame(early.head, head)
  t.match(early, { progress: 'open', place: { segment: 2 ** 41, extents: [], bytes: 0 } })
  log.append({ segment: 2 ** 41, extents: [], bytes: 0 }, 'open')
  log.append({ segment: 2 ** 41, extents: [[64, 5]], bytes: 5 }, 'open')
  early.readOn()
  t.strictSame(early.place, { segment: 2 ** 41, extents: [[64, 5]], bytes: 5 })
  const grown = [
    [64, 9],
    [2 ** 34, 3],
  ] as const
  log.append({ segment: 2 ** 41, extents: grown, bytes: 12 }, 'whole')
  const late = opened(logs)
  for (const reader of [early, late]) {
    reader.readOn()
    t.match(reader, { progress: 'whole', place: { extents: grown, bytes: 12 } })
    reader.readOn()
    t.strictSame(reader.place, { segment: 2 ** 41, extents: grown, bytes: 12 }, 'nothing twice')
  }
  log.close()
  t.strictSame(readdirSync(directory), [])
})

t.test('FillLogs: a body of unknown length has none', async t => {
  const { logs } = logsOf(t)
  const log = logs.create(1, fill, { ...head, length: undefined, record: Buffer.alloc(0) })
  t.match(opened(logs).head, { length: undefined, segment: head.segment, record: Buffer.alloc(0) })
  log.close()
})

t.test('FillLogs: one line for each change, however long', async t => {
  const { directory, logs } = logsOf(t)
  const log = logs.create(1, fill, { ...head, record: Buffer.alloc(100_000, '\n') })
  const reader = opened(logs)
  t.equal(reader.head.record.length, 100_000)
  // Longer than what is read at once, and then a short one behind it.
  const many = Array.from({ length: 4_000 }, (_, at) => [at * 2 ** 20, 2 ** 20] as const)
  log.append({ segment: 1, extents: many.slice(0, 3_999), bytes: 1 }, 'open')
  log.append({ segment: 1, extents: many, bytes: 2 }, 'broken')
  reader.readOn()
  t.strictSame(reader.place.extents, many)
  t.equal(reader.progress, 'broken')
  const [name] = readdirSync(directory)
  t.equal(name, 'fill-group-1-7-3')
  log.close()
})

t.test('FillLogs: who has it open reads on after it was removed', async t => {
  const { directory, logs } = logsOf(t)
  const log = logs.create(1, fill, head)
  const reader = opened(logs)
  log.append({ segment: 1, extents: [[64, 12]], bytes: 12 }, 'whole')
  log.close()
  log.close()
  t.strictSame(readdirSync(directory), [])
  t.equal(logs.open(1, fill), undefined)
  reader.readOn()
  t.match(reader, { progress: 'whole', place: { bytes: 12 } })
  reader.close()
  reader.close()
  reader.readOn()
  t.strictSame(descriptors(directory), [])
})

t.test('FillLogWriter.append() does nothing once it is closed', async t => {
  const { logs } = logsOf(t)
  const log = logs.create(1, fill, head)
  log.close()
  log.append({ segment: 1, extents: [], bytes: 0 }, 'whole')
  t.equal(logs.open(1, fill), undefined)
})

t.test('FillLogReader.readOn() takes no line before all of it is there', async t => {
  const first = `${JSON.stringify({ variant: '', segment: 1, recordBytes: 1 })}\nr`
  const { path, read } = readerOf(t, first)
  const reader = read()
  const line = `${JSON.stringify({ from: 0, extents: [[64, 3]], bytes: 3, progress: 'whole' })}\n`
  for (const byte of line.slice(0, -1)) {
    appendFileSync(path, byte)
    reader.readOn()
    t.equal(reader.progress, 'open')
  }
  appendFileSync(path, '\n{"from"')
  reader.readOn()
  t.match(reader, { progress: 'whole', place: { bytes: 3 } })
})

t.test('FillLogReader.readOn() throws what is no line of ours', async t => {
  const { path, read } = readerOf(t, '{"segment":1,"recordBytes":0}\n')
  const reader = read()
  appendFileSync(path, 'no line\n')
  t.throws(() => reader.readOn(), SyntaxError)
})

t.test('FillLogs.open() takes nothing that is no log, and leaves nothing open', async t => {
  const { directory, logs } = logsOf(t)
  t.equal(logs.open(1, fill), undefined, 'there is none')
  const rows: [string, string][] = [
    ['empty', ''],
    ['half a line', '{"variant":"'],
    ['no JSON', 'head\n'],
    ['nothing in it', 'null\n'],
    ['no record', '{"segment":1}\n'],
    ['a record that is too long', '{"segment":1,"recordBytes":99999999}\n'],
    ['a record of less than nothing', '{"segment":1,"recordBytes":-1}\n'],
    ['half a record', '{"segment":1,"recordBytes":10}\nrecord'],
  ]
  for (const [row, text] of rows) {
    writeFileSync(`${directory}/fill-group-1-7-3`, text)
    t.equal(logs.open(1, fill), undefined, row)
  }
  rmSync(`${directory}/fill-group-1-7-3`)
  mkdirSync(`${directory}/fill-group-1-7-3`)
  t.equal(logs.open(1, fill), undefined, 'a directory')
  t.strictSame(descriptors(directory), [])
})

t.test('FillLogs.create() replaces what one with the same number left before', async t => {
  const { directory, logs } = logsOf(t)
  writeFileSync(`${directory}/fill-group-1-7-3`, 'what is this')
  const log = logs.create(1, fill, head)
  t.strictSame(opened(logs).head, head)
  log.close()
  mkdirSync(`${directory}/fill-group-1-7-3`)
  t.throws(() => logs.create(1, fill, head), /unlink/, 'but no directory')
})

t.test('FillLogs.create() throws what the directory refuses', async t => {
  const { directory } = logsOf(t)
  t.throws(() => new FillLogs(`${directory}/absent`, 'group').create(1, fill, head), { code: 'ENOENT' })
})

t.test('a writer that fails on its head leaves neither a file nor a descriptor', async t => {
  const { directory } = logsOf(t)
  const path = `${directory}/log`
  const unreadable = {} as Uint8Array
  t.throws(() => new FillLogWriter(path, { ...head, record: unreadable }))
  t.notOk(existsSync(path))
  t.strictSame(descriptors(directory), [])
})

t.test('FillLogs.removeOf() removes what the dead one left, and of nobody else', async t => {
  const { directory, logs } = logsOf(t)
  for (const name of [
    'fill-group-1-7-3',
    'fill-group-1-8-3',
    'fill-group-11-7-3',
    'fill-other-1-7-3',
    'mesh-1',
  ])
    writeFileSync(`${directory}/${name}`, '')
  // All who are left do it at once.
  await Promise.all(Array.from({ length: 8 }, () => logs.removeOf(1)))
  t.strictSame(readdirSync(directory).sort(), ['fill-group-11-7-3', 'fill-other-1-7-3', 'mesh-1'])
  rmSync(directory, { recursive: true })
  await t.rejects(logs.removeOf(1), { code: 'ENOENT' })
})
