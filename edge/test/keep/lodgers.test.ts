// Which entries lie in which segment, read from a real index.
import t, { type Test } from 'tap'
import { Lodgers, type LodgersOptions } from '../../keep/lodgers.js'
import { needsAddon } from '../shared/support/ground.js'
import { fillIndex, indexOf } from '../support/purged-index.js'

const bytes = 50_000
const placeIn = (segment: number) => ({
  segment,
  extents: [[64, bytes]] as [number, number][],
  bytes,
  crc: 1,
})
const fileOf = (id: number) => ({ id, bytes, writtenMs: 0 })
/** So that all that was committed counts as seen. */
const later = () => Date.now() + 60_000
const ever = Number.MAX_VALUE

async function lodgersOf(
  t: Test,
  entries: readonly [key: string, segment?: number][],
  given: Partial<LodgersOptions> = {},
) {
  const { index, directory } = await indexOf(t, entries.map(stored))
  const lodgers = new Lodgers({ databases: () => index.open(), workers: 2, now: later, ...given })
  const keysIn = async (segment: number) =>
    (await lodgers.take(segment, 0, ever)).lodgers.map(({ stored }) => stored)
  return { lodgers, keysIn, directory }
}

const stored = ([key, segment]: [key: string, segment?: number]) =>
  segment === undefined ? { key } : { key, content: placeIn(segment) }

t.test('those of a segment, in the order of storing, are told once', needsAddon, async t => {
  const { lodgers, keysIn } = await lodgersOf(t, [['b', 1], ['inline'], ['c', 2], ['a', 1]])
  const {
    lodgers: [first, ...others],
  } = await lodgers.take(1, 0, ever)
  t.match(first, { stored: 'b', bytes })
  t.ok(Math.abs(first!.stampMs - Date.now()) < 60_000)
  t.strictSame(
    others.map(({ stored }) => stored),
    ['a'],
  )
  t.equal(lodgers.count, 1, 'what lies in the next is remembered')
  t.strictSame(await keysIn(1), [])
  t.strictSame(await keysIn(2), ['c'])
  t.equal(lodgers.count, 0)
})

t.test('what was stored since is read on', needsAddon, async t => {
  const { keysIn, directory } = await lodgersOf(t, [['a', 1]])
  t.strictSame(await keysIn(1), ['a'])
  await fillIndex(
    t,
    directory,
    [['b', 1] as const, ['c', 2] as const].map(([key, segment]) => stored([key, segment])),
  )
  t.strictSame(await keysIn(1), ['b'])
  t.strictSame(await keysIn(2), ['c'])
})

t.test('nothing of before the first segment is read, nothing of after the last', needsAddon, async t => {
  const { lodgers } = await lodgersOf(t, [['a', 1]])
  t.strictSame(await lodgers.take(1, 0, Date.now() - 3_600_000), { lodgers: [], isAll: true })
  t.strictSame((await lodgers.take(1, 0, ever)).lodgers.length, 1)
  const { lodgers: others } = await lodgersOf(t, [['a', 1]])
  t.strictSame((await others.take(1, Date.now() + 3_600_000, ever)).lodgers, [])
  t.equal((await others.take(1, 0, Date.now())).isAll, false, 'what came before was never looked at')
})

t.test('what was committed just now may have others before it: it is left for later', needsAddon, async t => {
  let nowMs = Date.now() - 10_000
  const { lodgers, keysIn } = await lodgersOf(t, [['a', 1]], { now: () => nowMs })
  t.strictSame(await lodgers.take(1, 0, Date.now()), { lodgers: [], isAll: false })
  nowMs += 60_000
  t.strictSame(await keysIn(1), ['a'])
})

t.test('a clock that was set back begins anew', needsAddon, async t => {
  let nowMs = later()
  const { keysIn, lodgers } = await lodgersOf(t, [['a', 1]], { now: () => nowMs })
  t.strictSame(await keysIn(1), ['a'])
  nowMs = Date.now() - 3_600_000
  t.strictSame((await lodgers.take(1, 0, ever)).lodgers, [], 'all of it lies in the future')
  nowMs = later()
  t.strictSame(await keysIn(1), ['a'])
})

t.test('more than is to be remembered is not read', needsAddon, async t => {
  const many = Array.from({ length: 600 }, (_, at): [string, number] => [`key ${1_000 + at}`, 1])
  const { lodgers, keysIn } = await lodgersOf(t, many, { lodgersMax: 256 })
  t.equal((await lodgers.take(2, 0, Date.now())).isAll, false)
  t.equal(lodgers.count, 256)
  t.equal((await keysIn(1)).length, 256)
  t.equal((await keysIn(1)).length, 256)
  t.equal((await keysIn(1)).length, 88)
})

t.test(
  'retain() forgets what lies in segments that left, but not in those that have just come',
  needsAddon,
  async t => {
    const { lodgers, keysIn } = await lodgersOf(t, [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 9],
    ])
    await lodgers.take(0, 0, ever)
    t.equal(lodgers.count, 4)
    lodgers.retain([fileOf(2), fileOf(4)])
    t.equal(lodgers.count, 2)
    t.strictSame([await keysIn(1), await keysIn(2), await keysIn(3), await keysIn(9)], [[], ['b'], [], ['d']])
    lodgers.retain([])
    t.equal(lodgers.count, 0)
  },
)
