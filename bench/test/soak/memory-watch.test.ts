import t from 'tap'
import { growthOf, type Look, look } from '../../soak/memory-watch.js'

t.test('look() sums what processes hold, gone ones left out', async t => {
  const seen = look([process.pid, 2 ** 30], 5)
  t.match(seen, { seconds: 5, processes: 1 })
  t.ok(seen.bytes > 1_000_000 && seen.descriptors > 3, JSON.stringify(seen))
})

const looks = (count: number, bytes: (at: number) => number): Look[] =>
  Array.from({ length: count }, (_, at) => ({ seconds: at, bytes: bytes(at), descriptors: 9, processes: 4 }))
const bytesOf = (each: Look) => each.bytes

t.test('growthOf() is that of the time after the rise', async t => {
  const steady = growthOf(
    looks(600, at => Math.min(at, 150)),
    bytesOf,
  )
  t.strictSame(steady, { middle: 150, part: 0 })
  const growing = growthOf(
    looks(600, at => 1_000 + at),
    bytesOf,
  )
  t.ok(Math.abs(growing!.part - 400 / 1_400) < 0.01, JSON.stringify(growing))
})

t.test('growthOf() is not moved by workers that are killed', async t => {
  const killed = looks(600, at => (at % 60 < 10 ? 300 : 1_000 + (at % 7)))
  for (const each of killed) if (each.seconds % 60 < 3) each.processes = 3
  const growth = growthOf(killed, bytesOf)!
  t.ok(Math.abs(growth.part) < 0.02, JSON.stringify(growth))
})

t.test('growthOf() says nothing of a few looks', async t => {
  t.equal(
    growthOf(
      looks(12, () => 1),
      bytesOf,
    ),
    undefined,
  )
})
