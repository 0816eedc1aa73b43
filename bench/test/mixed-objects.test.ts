import t from 'tap'
import { MOST_BYTES, OBJECTS, objectBytes, popularity, seededRandom } from '../mixed-objects.js'

t.test('sizes: half of them below 8 KB, the mean over twice that, none beyond the limits', async t => {
  const sizes = Array.from({ length: OBJECTS }, (_, number) => objectBytes(number)).sort((a, b) => a - b)
  const mean = sizes.reduce((sum, bytes) => sum + bytes, 0) / OBJECTS
  t.ok(Math.abs(sizes[OBJECTS / 2]! / 8_192 - 1) < 0.05, `${sizes[OBJECTS / 2]}`)
  t.ok(mean > 16_000 && mean < 21_000, `${mean}`)
  t.ok(sizes[0]! >= 200)
  t.ok(sizes.at(-1)! <= MOST_BYTES)
  t.equal(objectBytes(17), objectBytes(17))
})

t.test('popularity: the first is asked for most, the tail is long', async t => {
  const asked = popularity(100_000, seededRandom(1))
  const counts = new Map<number, number>()
  for (const number of asked) counts.set(number, (counts.get(number) ?? 0) + 1)
  const ofFirst = counts.get(0)!
  t.ok(Math.abs(ofFirst / counts.get(1)! / 2 ** 0.9 - 1) < 0.1, 'Zipf')
  t.ok(counts.size > 20_000, `${counts.size}`)
  t.ok(Math.max(...counts.keys()) < OBJECTS)
})

t.test('seededRandom: even, within 0 and 1', async t => {
  const random = seededRandom(3)
  const values = Array.from({ length: 10_000 }, random)
  t.ok(values.every(value => value >= 0 && value < 1))
  t.ok(Math.abs(values.reduce((a, b) => a + b) / 10_000 - 0.5) < 0.02)
})
