import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import t, { type Test } from 'tap'
import { headerBytes } from '../../../cache/segments/header.js'
import { OpenSegment } from '../../../cache/segments/segment.js'
import { Writing } from '../../../cache/segments/writing.js'
import type { EdgeError } from '../../../error.js'
import { roomy } from './roomy.js'
import { bodyOf, until } from './support.js'

interface Desk {
  begin(promised?: number): Writing
  /** What lies at an extent. */
  at(offset: number, length: number): Buffer
  readonly over: (EdgeError | undefined)[]
}

/** Writings into one file; `mode` 'r' lets every write fail. */
function deskOf(t: Test, mode = 'r+'): Desk {
  const path = `${t.testdir()}/segment`
  writeFileSync(path, Buffer.alloc(headerBytes))
  const fd = openSync(path, mode)
  t.teardown(() => closeSync(fd))
  const segment = new OpenSegment(
    { id: 5, fd },
    { space: roomy, bytesMax: 2 ** 20, log: () => {}, onClosed: () => {} },
  )
  const over: Desk['over'] = []
  return {
    over,
    begin: promised => new Writing(segment, promised, (_, error) => over.push(error)),
    at: (offset, length) => readFileSync(path).subarray(offset, offset + length),
  }
}

t.test('finish() gives the place of all that was appended', async t => {
  const desk = deskOf(t)
  const body = bodyOf('a', 10_000)
  const writing = desk.begin(10_000)
  t.equal(writing.segment, 5)
  for (let at = 0; at < 10_000; at += 1_000) t.ok(writing.append(body.subarray(at, at + 1_000)))
  const place = await writing.finish()
  t.strictSame(place, { segment: 5, extents: [[headerBytes, 10_000]], bytes: 10_000, crc: crc32(body) })
  t.ok(desk.at(headerBytes, 10_000).equals(body))
  t.equal(writing.state, 'whole')
  t.strictSame(desk.over, [undefined])
  writing.abandon()
  t.equal(writing.state, 'whole', 'and so it stays')
  await t.rejects(writing.finish(), { code: 'store-failed' })
})

t.test('append() copies: what the caller does with its buffer afterwards is not stored', async t => {
  const desk = deskOf(t)
  const writing = desk.begin()
  const chunk = Buffer.from('first')
  writing.append(chunk)
  chunk.fill('x')
  const { extents } = await writing.finish()
  t.equal(desk.at(...extents[0]).toString(), 'first')
})

t.test('an empty body has no extents', async t => {
  const desk = deskOf(t)
  for (const promised of [0, 100, undefined]) {
    const writing = desk.begin(promised)
    writing.append(Buffer.alloc(0))
    t.strictSame(await writing.finish(), { segment: 5, extents: [], bytes: 0, crc: 0 })
  }
})

t.test('shorter and longer than promised is as long as it is, and what is free is used again', async t => {
  const desk = deskOf(t)
  const short = desk.begin(1_000)
  short.append(Buffer.from('short'))
  t.strictSame((await short.finish()).extents, [[headerBytes, 5]])
  const long = desk.begin(2)
  long.append(Buffer.from('longer than that'))
  const place = await long.finish()
  t.strictSame(place.extents, [[headerBytes + 5, 16]])
  t.equal(desk.at(headerBytes, 21).toString(), 'shortlonger than that')
})

t.test('bodies that come together lie in extents between each other', async t => {
  const desk = deskOf(t)
  const names = ['a', 'b', 'c']
  const writings = names.map(() => desk.begin())
  for (let at = 0; at < 900_000; at += 30_000) {
    names.forEach((name, i) => {
      writings[i].append(bodyOf(name, 900_000).subarray(at, at + 30_000))
    })
    await until(() => writings.every(writing => writing.written === writing.appended))
  }
  for (const [i, name] of names.entries()) {
    const place = await writings[i].finish()
    t.ok(place.extents.length > 1)
    const found = Buffer.concat(place.extents.map(extent => desk.at(...extent)))
    t.ok(found.equals(bodyOf(name, 900_000)), name)
    t.equal(place.crc, writings[i].crc)
  }
})

t.test('placeSoFar() grows with what is written, and onGrow tells', async t => {
  const desk = deskOf(t)
  const writing = desk.begin(100_000)
  const body = bodyOf('a', 100_000)
  let grown = 0
  writing.onGrow = () => {
    grown++
    const { extents, bytes } = writing.placeSoFar()
    t.equal(bytes, writing.written)
    const found = Buffer.concat(extents.map(extent => desk.at(...extent)))
    t.ok(found.equals(body.subarray(0, bytes)))
  }
  t.strictSame(writing.placeSoFar(), { segment: 5, extents: [], bytes: 0 })
  writing.append(body.subarray(0, 40_000))
  writing.append(body.subarray(40_000, 50_000))
  await until(() => writing.written === 50_000)
  t.equal(grown, 1, 'what comes in one turn is one write')
  writing.append(body.subarray(50_000))
  await writing.finish()
  t.equal(grown, 2)
})

t.test('append() asks to wait when too much waits, and onRoom tells when to go on', async t => {
  const desk = deskOf(t)
  const writing = desk.begin()
  let rooms = 0
  writing.onRoom = () => rooms++
  t.ok(writing.append(Buffer.alloc(256 * 1024)))
  t.notOk(writing.isBehind)
  t.notOk(writing.append(Buffer.alloc(1)))
  t.ok(writing.isBehind)
  await until(() => rooms === 1)
  t.notOk(writing.isBehind)
  await writing.finish()
  t.equal(rooms, 1)
})

t.test('many small chunks are gathered, though one write takes only so many pieces', async t => {
  const desk = deskOf(t)
  const writing = desk.begin()
  const body = bodyOf('a', 3_000_000)
  for (let at = 0; at < body.length; at += 7_919) writing.append(body.subarray(at, at + 7_919))
  const { extents, bytes } = await writing.finish()
  t.equal(bytes, body.length)
  t.ok(Buffer.concat(extents.map(extent => desk.at(...extent))).equals(body))
})

t.test('abandon() ends it; a write under way is waited for', async t => {
  const desk = deskOf(t)
  const idle = desk.begin()
  idle.abandon()
  t.strictSame(desk.over, [undefined], 'at once when nothing is under way')
  const busy = desk.begin()
  busy.append(Buffer.alloc(1_000))
  await Promise.resolve()
  const finishing = busy.finish()
  busy.abandon()
  busy.abandon()
  t.equal(desk.over.length, 1)
  await t.rejects(finishing, { code: 'store-failed' })
  await until(() => desk.over.length === 2)
  t.equal(busy.state, 'abandoned')
  t.ok(busy.append(Buffer.alloc(1)), 'and takes nothing any more')
  t.equal(busy.appended, 1_000)
})

t.test('what was written of an abandoned body is nobody else’s, the rest is', async t => {
  const desk = deskOf(t)
  const first = desk.begin(100_000)
  first.append(Buffer.from('kept'))
  await until(() => first.written === 4)
  const soFar = first.placeSoFar()
  first.abandon()
  const second = desk.begin()
  second.append(Buffer.from('second'))
  t.strictSame((await second.finish()).extents, [[headerBytes + 4, 6]])
  t.equal(desk.at(...soFar.extents[0]).toString(), 'kept')
})

t.test('a failed write breaks it, with one error', async t => {
  const desk = deskOf(t, 'r')
  const told: EdgeError[] = []
  const running = desk.begin()
  running.onBroken = error => told.push(error)
  running.append(Buffer.alloc(10))
  await until(() => told.length === 1)
  t.match(told, [{ code: 'store-failed', cause: { code: 'EBADF' } }])
  t.equal(running.state, 'broken')
  await t.rejects(running.finish(), told[0])
  const finishing = desk.begin(10)
  finishing.onBroken = error => told.push(error)
  finishing.append(Buffer.alloc(10))
  await t.rejects(finishing.finish(), { code: 'store-failed' })
  t.equal(told.length, 1)
  t.equal(desk.over.length, 2)
  t.ok(desk.over.every(error => error?.code === 'store-failed'))
})
