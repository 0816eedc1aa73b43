// Entries whose bodies left without them, in a real index.
import t, { type Test } from 'tap'
import { Strays } from '../../keep/strays.js'
import { needsAddon } from '../shared/support/ground.js'
import { fillIndex, indexOf, keysOf } from '../support/purged-index.js'

const hourMs = 3_600_000
const none: ReadonlySet<number> = new Set()
const bytes = 50_000
const stored = (key: string, segment: number) => ({
  key,
  content: { segment, extents: [[64, bytes]] as [number, number][], bytes, crc: 1 },
})

/** An index with an entry of each name that lies in the segment of that number; those are made now. */
async function straysOf(t: Test, segments: Record<string, number>) {
  const baseMs = Date.now()
  const entries = Object.entries(segments).map(([key, segment]) => stored(key, baseMs + segment))
  const { index, databases, directory } = await indexOf(t, [...entries, { key: 'inline' }])
  const lines: string[] = []
  const clock = { nowMs: 0 }
  const failing: { error: Error | undefined } = { error: undefined }
  const strays = new Strays({
    databases: () => {
      if (failing.error !== undefined) throw failing.error
      return index.open()
    },
    log: (level, message) => {
      if (level !== 'debug') lines.push(message)
    },
    now: () => clock.nowMs,
  })
  const files = (...ids: number[]) => ids.map(id => ({ id: baseMs + id, bytes, writtenMs: Date.now() }))
  const left = () => keysOf(databases)
  const add = (key: string, segment: number) => fillIndex(t, directory, [stored(key, baseMs + segment)])
  const emptied = (...ids: number[]) => new Set(ids.map(id => baseMs + id))
  return { strays, files, left, lines, clock, failing, add, emptied }
}

t.test('what left before the keeper came is found', needsAddon, async t => {
  const { strays, files, left, lines } = await straysOf(t, { a: 1, b: 2, c: 3, d: 9 })
  strays.note(files(2, 4), none)
  await Promise.all([strays.tend(), strays.tend()])
  t.strictSame(left(), ['b', 'd', 'inline'], 'd may lie in one that came since the look')
  t.equal(strays.dropped, 2)
  t.strictSame(lines, [])
  await strays.stop()
})

t.test(
  'what leaves without its entries is found, what was emptied is not looked for',
  needsAddon,
  async t => {
    const { strays, files, left, add, emptied } = await straysOf(t, {})
    strays.note(files(1, 2, 3, 4), none)
    await strays.tend()
    await add('a', 1)
    await add('b', 2)
    await add('c', 3)
    strays.note(files(1, 2, 3, 4), none)
    await strays.tend()
    t.strictSame(left(), ['a', 'b', 'c', 'inline'])
    strays.note(files(2, 3, 4), emptied(1))
    await strays.tend()
    t.strictSame(left(), ['a', 'b', 'c', 'inline'], 'whoever emptied it did that')
    strays.note(files(3, 4), none)
    await strays.tend()
    // That of the first stands at the same time, and is found with it.
    t.strictSame(left(), ['c', 'inline'])
  },
)

t.test('with no segment left nothing is known, and nothing leaves', needsAddon, async t => {
  const { strays, files, left } = await straysOf(t, { a: 1 })
  strays.note([], none)
  await strays.tend()
  t.strictSame(left(), ['a', 'inline'])
  strays.note(files(5), none)
  await strays.tend()
  t.strictSame(left(), ['inline'])
})

t.test('all is looked at again after an hour', needsAddon, async t => {
  const { strays, files, left, clock, add } = await straysOf(t, {})
  strays.note(files(2), none)
  await strays.tend()
  await add('late', 1)
  await strays.tend()
  t.strictSame(left(), ['inline', 'late'])
  clock.nowMs += hourMs
  await strays.tend()
  t.strictSame(left(), ['inline'])
})

t.test('what cannot be read is said, and looked at later', needsAddon, async t => {
  const { strays, files, left, failing, lines } = await straysOf(t, { a: 1 })
  strays.note(files(2), none)
  failing.error = new Error('damaged')
  await strays.tend()
  t.strictSame(lines, ['entries without their bodies could not be removed'])
  failing.error = undefined
  await strays.tend()
  t.strictSame(left(), ['inline'])
})
