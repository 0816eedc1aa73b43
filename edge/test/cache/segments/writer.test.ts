import { closeSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { bodyOf, descriptors, readAll, stageOf, until, writeBody } from './support.js'

t.test('begin() packs bodies into one segment, and takes the next when it is full', async t => {
  const { segments, directory } = stageOf(t)
  const places = []
  for (let i = 0; i < 40; i++) places.push(await writeBody(segments, bodyOf(`${i}`, 50_000), i % 2 === 0))
  const ids = [...new Set(places.map(place => place.segment))]
  t.equal(ids.length, 2, '20 bodies of 50,000 fit into a mebibyte')
  t.strictSame(ids, [...ids].sort(), 'later ones have higher ids')
  t.equal(readdirSync(directory).filter(name => name.endsWith('.segment')).length, 2)
  await until(() => descriptors(directory).length === 1)
  for (const [i, place] of places.entries())
    t.ok((await readAll(segments, place))?.equals(bodyOf(`${i}`, 50_000)))
})

t.test('a body that is larger than a segment gets one for itself', async t => {
  const { segments } = stageOf(t, { segmentBytes: 100_000 })
  const small = await writeBody(segments, bodyOf('small', 10))
  const large = await writeBody(segments, bodyOf('large', 3_000_000))
  const unknown = await writeBody(segments, bodyOf('unknown', 3_000_000), true)
  t.equal(new Set([small, large, unknown].map(place => place.segment)).size, 3)
  t.ok((await readAll(segments, large))?.equals(bodyOf('large', 3_000_000)))
  t.ok((await readAll(segments, unknown))?.equals(bodyOf('unknown', 3_000_000)))
})

t.test('a body that began in a segment ends there, though it is full', async t => {
  const { segments, directory } = stageOf(t, { segmentBytes: 200_000 })
  const slow = segments.begin(undefined)!
  slow.append(bodyOf('slow', 300_000).subarray(0, 1_000))
  const others = [
    await writeBody(segments, bodyOf('a', 150_000)),
    await writeBody(segments, bodyOf('b', 150_000)),
  ]
  slow.append(bodyOf('slow', 300_000).subarray(1_000))
  t.ok(descriptors(directory).length >= 2)
  const place = await slow.finish()
  t.strictSame(
    others.map(({ segment }) => segment === place.segment),
    [true, false],
  )
  t.ok((await readAll(segments, place))?.equals(bodyOf('slow', 300_000)))
})

t.test('a directory that cannot be written to: nothing is begun, until it can', async t => {
  const stage = stageOf(t)
  const { segments, directory, lines } = stage
  rmSync(directory, { recursive: true })
  writeFileSync(directory, 'a file')
  t.equal(segments.begin(1), undefined)
  t.match(lines, [
    { level: 'warn', message: 'bodies are not stored for a while', details: { code: 'store-failed' } },
  ])
  rmSync(directory)
  t.equal(segments.begin(1), undefined, 'not asked again at once')
  stage.nowMs += 1_000
  const place = await writeBody(segments, bodyOf('a', 1_000))
  t.ok((await readAll(segments, place))?.equals(bodyOf('a', 1_000)), 'in a directory that was made again')
  t.equal(lines.length, 1)
})

t.test('a write that fails ends its body, and the next segment is another', async t => {
  const stage = stageOf(t)
  const { segments, directory } = stage
  const first = await writeBody(segments, bodyOf('a', 1_000))
  const writing = segments.begin(10)!
  closeSync(descriptors(directory)[0].fd)
  writing.append(Buffer.alloc(10))
  await t.rejects(writing.finish(), { code: 'store-failed', cause: { code: 'EBADF' } })
  t.equal(segments.begin(10), undefined)
  stage.nowMs += 1_000
  const second = await writeBody(segments, bodyOf('b', 1_000))
  t.not(second.segment, first.segment)
  t.ok((await readAll(segments, first))?.equals(bodyOf('a', 1_000)))
})

t.test('what was unlinked by others is written to no more', async t => {
  const { segments, directory } = stageOf(t)
  const lost = await writeBody(segments, bodyOf('a', 1_000))
  renameSync(directory, `${directory}-aside`)
  rmSync(`${directory}-aside`, { recursive: true })
  segments.status()
  const place = await writeBody(segments, bodyOf('b', 1_000))
  t.ok(place.segment > lost.segment)
  t.equal(await readAll(segments, lost), undefined)
  t.ok((await readAll(segments, place))?.equals(bodyOf('b', 1_000)))
  mkdirSync(directory, { recursive: true })
})

t.test('close() abandons what is being written, ends what is at its end, and closes all files', async t => {
  const { segments, directory } = stageOf(t)
  const place = await writeBody(segments, bodyOf('a', 1_000))
  const [open, ending] = [segments.begin(undefined)!, segments.begin(undefined)!]
  for (const writing of [open, ending]) writing.append(bodyOf('b', 100_000))
  const [ended] = await Promise.all([ending.finish(), segments.close()])
  t.equal(ended.bytes, 100_000)
  await t.rejects(open.finish(), { code: 'store-failed' })
  t.equal(segments.begin(1), undefined)
  t.equal(segments.read(place, 0, Buffer.alloc(1)), undefined)
  t.equal(await segments.readLater(place, 0, Buffer.alloc(1)), undefined)
  await until(() => descriptors(directory).length === 0)
})
