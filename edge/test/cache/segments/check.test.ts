import { closeSync, openSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { Checks } from '../../../cache/segments/check.js'
import type { Place } from '../../../cache/segments/place.js'
import { bodyOf } from './support.js'

function placeOf(segment: number, body: Buffer): Place {
  return { segment, extents: [[64, body.length]], bytes: body.length, crc: crc32(body) }
}

t.test('run() compares the whole body once, for all who ask', async t => {
  const body = bodyOf('a', 700_000)
  let reads = 0
  const checks = new Checks(async (_place, from, into) => {
    reads++
    return body.copy(into, 0, from)
  })
  const place = placeOf(1, body)
  t.equal(checks.isKnownSound(place), false)
  t.strictSame(await Promise.all([checks.run(place), checks.run(place)]), [true, true])
  t.equal(reads, 3)
  t.ok(checks.isKnownSound(place))
  t.equal(await checks.run({ ...place }), true)
  t.equal(reads, 3)
  t.equal(await checks.run({ ...place, crc: 1 }), false, 'another sum is another body')
  t.equal(checks.isKnownSound({ ...place, crc: 1 }), false)
})

t.test('run() is false for what cannot be read', async t => {
  const place = placeOf(1, bodyOf('a', 10))
  t.equal(await new Checks(async () => undefined).run(place), false)
  t.equal(await new Checks(async () => 0).run(place), false)
})

t.test('runNow() compares at once, and what is sound only once', async t => {
  const body = bodyOf('a', 300_000)
  const path = `${t.testdir()}/segment`
  writeFileSync(path, Buffer.concat([Buffer.alloc(64), body]))
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  const checks = new Checks(async () => undefined)
  const place: Place = {
    ...placeOf(1, body),
    extents: [
      [64, 100_000],
      [100_064, 200_000],
    ],
  }
  const noFile = 2 ** 30
  t.throws(() => checks.runNow(place, noFile), { code: 'EBADF' })
  t.equal(checks.runNow(place, fd), true)
  t.ok(checks.isKnownSound(place))
  t.equal(checks.runNow(place, noFile), true, 'not read again')
  t.equal(checks.runNow({ ...place, crc: 1 }, fd), false)
  t.equal(checks.runNow({ ...place, extents: [[64, 300_001]] }, fd), false, 'a file that was cut')
  t.equal(checks.isKnownSound({ ...place, crc: 1 }), false)
})

t.test('the table of what is sound is bounded, the first is forgotten', async t => {
  const body = bodyOf('a', 10)
  const checks = new Checks(async (_place, from, into) => body.copy(into, 0, from), 3)
  const places = [1, 2, 3, 4].map(segment => placeOf(segment, body))
  for (const place of places) await checks.run(place)
  t.strictSame(
    places.map(place => checks.isKnownSound(place)),
    [false, true, true, true],
  )
})
