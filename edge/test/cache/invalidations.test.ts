import t from 'tap'
import { Invalidations } from '../../cache/invalidations.js'
import { ownInvalidated } from '../../shared/open-invalidated.js'

const at = 1_000_000
const second = 1_000
const hour = 3_600_000

/** One in which `key` was invalidated at `at`. */
function noted(keyBytesMax?: number): Invalidations {
  const invalidations = new Invalidations(undefined, keyBytesMax)
  invalidations.note('key', at)
  return invalidations
}

t.test('stamp() gives no two events one time, and none an earlier one', async t => {
  const invalidations = new Invalidations()
  const stamps = [at, at, at - 5, at + 1].map(nowMs => invalidations.stamp(nowMs))
  t.equal(stamps[0], at)
  t.ok(stamps.every((stamp, i) => i === 0 || stamp > stamps[i - 1]))
  t.equal(stamps[3], at + 1)
})

t.test('stamp() begins anew when the clock was set back', async t => {
  const invalidations = new Invalidations()
  invalidations.stamp(at + hour)
  t.equal(invalidations.stamp(at), at)
})

const cases: [
  row: string,
  key: string,
  askedAtMs: number,
  nowMs: number,
  hidden: boolean,
  outdated: boolean,
][] = [
  ['asked before', 'key', at - 1, at + 1, true, true],
  ['asked at the same time', 'key', at, at, true, true],
  ['asked after', 'key', at + 1, at + 1, false, false],
  ['another key', 'other', at - 1, at + 1, false, false],
  ['noted before the clock was set back', 'key', at - hour, at - hour + 1, false, false],
  ['asked before the clock was set back', 'other', at, at - hour, false, true],
]
for (const [row, key, askedAtMs, nowMs, hidden, outdated] of cases) {
  t.test(`hides() and isOutdated() RFC 9111 4.4 ${row}`, async t => {
    t.equal(noted().hides(key, askedAtMs, nowMs), hidden)
    t.equal(noted().isOutdated(key, askedAtMs, nowMs), outdated)
  })
}

t.test('note() takes the later time of one key, and keeps it once', async t => {
  const invalidations = noted(300)
  for (let i = 1; i <= 100; i += 1) invalidations.note('key', at + i)
  t.equal(invalidations.timeOf('key'), at + 100)
  t.equal(invalidations.isOutdated('other', at + 1, at + 100), false, 'nothing had to leave')
})

t.test(
  'note() is bounded: the oldest leave, and what was asked before is outdated whatever its key',
  async t => {
    const invalidations = noted(500)
    for (let i = 1; i <= 100; i += 1) invalidations.note(`key ${i}`, at + i)
    t.equal(invalidations.timeOf('key'), undefined)
    t.equal(invalidations.timeOf('key 100'), at + 100)
    t.equal(invalidations.hides('key', at + 1, at + 200), false, 'what was asked for since is not hidden')
    t.equal(invalidations.isOutdated('never seen', at, at + 200), true)
    t.equal(invalidations.isOutdated('never seen', at + 100, at + 200), false)
    t.equal(invalidations.isOutdated('never seen', at - hour, at - hour), false, 'the clock was set back')
  },
)

t.test('mayHide() is true for as long as a removal may be on its way', async t => {
  t.equal(new Invalidations().mayHide(at), false)
  const invalidations = noted()
  t.equal(invalidations.mayHide(at), true)
  t.equal(invalidations.mayHide(at + 9 * second), true)
  t.equal(invalidations.mayHide(at + 10 * second), false)
  t.equal(invalidations.mayHide(at - hour), false, 'the clock was set back')
})

t.test('mayHide() stays true after distrustStore()', async t => {
  const invalidations = noted()
  invalidations.distrustStore()
  invalidations.note('key', at + 1)
  t.equal(invalidations.mayHide(at + hour), true)
})

/** As two workers of a host have it. */
function two() {
  const all = ownInvalidated()
  return { all, one: new Invalidations(all), other: new Invalidations(all) }
}

const byOthers: [row: string, askedAtMs: number, nowMs: number, isHidden: boolean][] = [
  ['asked before', at - 1, at + 5, true],
  ['asked in the same millisecond: who knows', at + 0.5, at + 5, true],
  ['asked after', at + 1, at + 5, false],
  ['noted before the clock was set back', at - hour, at - hour, false],
]

t.test('what others invalidate is out of use here, too', async t => {
  for (const [row, askedAtMs, nowMs, isHidden] of byOthers) {
    const { one, other } = two()
    other.note('key', at)
    t.equal(one.hides('key', askedAtMs, nowMs), isHidden, row)
    t.equal(one.isOutdated('key', askedAtMs, nowMs), isHidden, row)
    t.equal(one.timeOf('key'), undefined, 'it is not our own')
  }
  const { one, other } = two()
  t.equal(one.mayHide(at), false)
  other.note('key', at)
  t.equal(one.mayHide(at + 9 * second), true)
  t.equal(one.mayHide(at + 10 * second), false)
  t.equal(one.mayHide(at - hour), false, 'the clock was set back')
  t.equal(one.counters[one.slotOf('key')], 1)
})

t.test('what one invalidates itself is told apart to the fraction', async t => {
  const { one } = two()
  one.note('key', one.stamp(at))
  const askedAtMs = one.stamp(at)
  t.equal(one.hides('key', askedAtMs, at + 5), false)
  t.equal(one.isOutdated('key', askedAtMs, at + 5), false)
})

t.test('a place that another key has taken hides nothing, and lets nothing be stored', async t => {
  const { one, other } = two()
  const name = Array.from({ length: 100_000 }, (_, i) => `key ${i}`).find(
    each => one.slotOf(each) === one.slotOf('key'),
  )
  other.note('key', at)
  other.note(name!, at + 1)
  t.equal(one.hides('key', at - 1, at + 5), false)
  t.equal(one.isOutdated('key', at - 1, at + 5), true)
  t.equal(one.isOutdated('key', at + 2, at + 5), false)
})

t.test("note() of a store that is closed is nobody's any more", async t => {
  const { all, one } = two()
  const invalidations = new Invalidations({ ...all, counters: new Int32Array(0) })
  invalidations.note('key', at)
  t.equal(one.mayHide(at), false)
})
