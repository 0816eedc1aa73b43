import t, { type Test } from 'tap'
import { events, type Outcome, type Turn } from '../../fetch/host-fill.js'
import { HostFills, type HostFillsOptions } from '../../fetch/host-fills.js'
import type { Frame } from '../../shared/frames.js'
import { groundOf, needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { until } from '../support/play.js'

/** Workers of one host, whose frames arrive at once unless `isDeaf`. */
function hostOf(t: Test, count: number, recheckMs = 1_000_000) {
  const runDirectory = runDirectoryOf(t)
  const state = { isDeaf: false, left: 0 }
  const members = new Map<number, HostFills>()
  const frames: Frame[] = []
  const workers = Array.from({ length: count }, () => {
    const ground = groundOf(t, runDirectory)
    const send = (to: number, frame: Frame) => {
      frames.push(frame)
      if (state.isDeaf) return false
      members.get(to)?.heard(ground.owner, frame)
      return true
    }
    const leave = async () => {
      state.left += 1
    }
    const options: HostFillsOptions = { ground, mesh: { send }, leave, recheckMs }
    const fills = new HostFills(options)
    members.set(ground.owner, fills)
    t.teardown(() => fills.stop())
    return { ground, fills }
  })
  return { workers, state, frames }
}

function fillOf(turn: Turn, kind: 'lead' | 'elsewhere') {
  if (turn.kind !== kind) throw new Error(`this should be ${kind}, not ${turn.kind}`)
  return turn.fill
}

function watched(fills: HostFills, turn: Turn): Outcome[] {
  const outcomes: Outcome[] = []
  fills.watch(fillOf(turn, 'elsewhere'), {
    begun: () => void t.fail('nobody wants to read'),
    over: outcome => void outcomes.push(outcome),
  })
  return outcomes
}

t.test('claim(): one leads, for the same key and site only, until it ends', needsAddon, async t => {
  const [a, b] = hostOf(t, 2).workers
  const fill = fillOf(a.fills.claim('k', '1'), 'lead')
  t.equal(b.fills.claim('k', '1').kind, 'elsewhere')
  t.equal(a.fills.claim('k', '1').kind, 'alone', 'the table of the worker has it')
  fillOf(b.fills.claim('k', '2'), 'lead')
  fillOf(b.fills.claim('l', '1'), 'lead')
  a.fills.end(fill)
  a.fills.end(fill)
  fillOf(b.fills.claim('k', '1'), 'lead')
})

t.test('end() wakes all who wait, and only them', needsAddon, async t => {
  const { workers, frames } = hostOf(t, 3)
  const [a, b, c] = workers.map(({ fills }) => fills)
  const fill = fillOf(a.claim('k', '1'), 'lead')
  const outcomes = [b, c].map(fills => watched(fills, fills.claim('k', '1')))
  const again = watched(b, b.claim('k', '1'))
  t.equal(frames.length, 2)
  a.end(fill)
  t.strictSame(outcomes, [[], []], 'in a later turn')
  await until(() => outcomes.every(each => each.length > 0) && again.length > 0)
  t.strictSame([...outcomes, again], [['over'], ['over'], ['over']])
  a.end(fillOf(a.claim('k', '1'), 'lead'))
  t.equal(frames.length, 4)
})

t.test('end() with unsharedMs releases who waits and who comes, for so long', needsAddon, async t => {
  const { workers } = hostOf(t, 2)
  const [a, b] = workers.map(({ fills }) => fills)
  for (const unsharedMs of [60_000, 0]) {
    const key = `k ${unsharedMs}`
    const fill = fillOf(a.claim(key, '1'), 'lead')
    const outcomes = watched(b, b.claim(key, '1'))
    a.end(fill, unsharedMs)
    t.equal(b.claim(key, '1').kind, unsharedMs === 0 ? 'lead' : 'alone')
    await until(() => outcomes.length > 0)
    t.strictSame(outcomes, ['unshared'])
  }
})

t.test('watch() of what is over already is told so', needsAddon, async t => {
  const { workers } = hostOf(t, 2)
  const [a, b] = workers.map(({ fills }) => fills)
  const [fill, other] = ['k', 'l'].map(key => fillOf(a.claim(key, '1'), 'lead'))
  const [turn, otherTurn] = ['k', 'l'].map(key => b.claim(key, '1'))
  a.end(fill)
  a.end(other, 60_000)
  const outcomes = [watched(b, turn), watched(b, otherTurn)]
  await until(() => outcomes.every(each => each.length > 0))
  t.strictSame(outcomes, [['over'], ['unshared']])
})

t.test('recheck() makes good what was not heard', needsAddon, async t => {
  const { workers, state } = hostOf(t, 2, 5)
  const [a, b] = workers.map(({ fills }) => fills)
  state.isDeaf = true
  const fills = ['k', 'l'].map(key => fillOf(a.claim(key, '1'), 'lead'))
  const outcomes = ['k', 'l'].map(key => watched(b, b.claim(key, '1')))
  a.end(fills[0])
  a.end(fills[1], 60_000)
  await until(() => outcomes.every(each => each.length > 0))
  t.strictSame(outcomes, [['over'], ['unshared']])
})

t.test(
  'heard(): who waits for what is over is told at once; what nobody knows is nothing',
  needsAddon,
  async t => {
    const { workers, frames } = hostOf(t, 2)
    const [a, b] = workers
    a.fills.heard(b.ground.owner, { slot: 1, turn: 1, event: events.waits, value: 0 })
    t.match(frames, [{ slot: 1, turn: 1, event: events.over }])
    a.fills.heard(b.ground.owner, { slot: 1, turn: 1, event: events.unshared, value: 0 })
    t.equal(frames.length, 1)
  },
)

t.test('what the dead led is over for who waits, and one of them takes it over', needsAddon, async t => {
  const { workers } = hostOf(t, 3)
  const [a, b, c] = workers
  a.fills.claim('k', '1')
  const outcomes = [b, c].map(({ fills }) => watched(fills, fills.claim('k', '1')))
  b.ground.orphan(a.ground.owner)
  b.fills.recheck()
  const fill = fillOf(b.fills.claim('k', '1'), 'lead')
  await until(() => outcomes[0].length > 0)
  c.fills.recheck()
  t.strictSame(outcomes, [['over'], []], 'who did not see the death waits for who took over')
  b.fills.end(fill)
  await until(() => outcomes[1].length > 0)
})

t.test('retire(): who comes now asks anew, who waits stays', needsAddon, async t => {
  const { workers } = hostOf(t, 2)
  const [a, b] = workers.map(({ fills }) => fills)
  const fill = fillOf(a.claim('k', '1'), 'lead')
  const turn = b.claim('k', '1')
  const outcomes = watched(b, turn)
  b.retire(fillOf(turn, 'elsewhere'))
  b.recheck()
  fillOf(b.claim('k', '1'), 'lead')
  a.end(fill)
  await until(() => outcomes.length > 0)
})

t.test('stop() and leave(): nothing is claimed or told any more', needsAddon, async t => {
  const { workers, state } = hostOf(t, 2)
  const [a, b] = workers.map(({ fills }) => fills)
  const fill = fillOf(a.claim('k', '1'), 'lead')
  const turn = b.claim('k', '1')
  const outcomes = watched(b, turn)
  b.stop()
  t.equal(b.claim('l', '1').kind, 'alone')
  b.watch(fillOf(turn, 'elsewhere'), {
    begun: () => void t.fail('it has stopped'),
    over: () => void t.fail('it has stopped'),
  })
  a.stop()
  a.end(fill)
  t.equal(workers[0].ground.fills.census().free, 64, 'what was led may end')
  for (const fills of [a, a, b]) await fills.leave()
  a.end(fill)
  a.retire(fill)
  t.equal(state.left, 2)
  t.strictSame(outcomes, [])
})
