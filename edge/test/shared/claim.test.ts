import t, { type Test } from 'tap'
import { type Claim, probesMax } from '../../shared/claim.js'
import type { Ground } from '../../shared/ground.js'
import {
  clockAt,
  dieAt,
  groundOf,
  hashOf,
  leadOf,
  liveOrDie,
  needsAddon,
  runDirectoryOf,
} from './support/ground.js'

t.test('claim() lets the first lead and all others follow it', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 5))
  t.strictSame(b.fills.claim(hashOf(1), 5), { kind: 'follow', fill, owner: a.owner })
  t.strictSame(a.fills.claim(hashOf(1), 5), { kind: 'follow', fill, owner: a.owner })
  t.equal(b.fills.claim(hashOf(2), 5).kind, 'lead', 'another key in the same place is another fill')
  t.equal(b.fills.read(fill)?.fence, 5)
})

t.test('claim() of a key that was freed leads again, in another turn', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  const first = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(a.fills.free(first))
  const second = leadOf(a.fills.claim(hashOf(1), 0))
  t.equal(second.slot, first.slot)
  t.not(second.turn, first.turn)
  t.equal(a.fills.read(first), undefined)
})

t.test('claim() says full when every slot of the window is taken, and only then', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  const fills = Array.from({ length: probesMax }, (_, name) => leadOf(a.fills.claim(hashOf(name), 0)))
  t.strictSame(a.fills.claim(hashOf(99), 0), { kind: 'full' })
  t.equal(a.fills.claim(hashOf(3), 0).kind, 'follow')
  t.equal(a.fills.claim(hashOf(99, 32), 0).kind, 'lead', 'another window')
  a.fills.free(fills[7])
  t.equal(leadOf(a.fills.claim(hashOf(99), 0)).slot, fills[7].slot)
})

t.test('claim() of an unshared key says so until its time is over', needsAddon, async t => {
  const clock = clockAt(1000)
  const a = groundOf(t, runDirectoryOf(t), { nowMs: clock.nowMs })
  a.fills.release(leadOf(a.fills.claim(hashOf(1), 0)), 500)
  t.strictSame(a.fills.claim(hashOf(1), 0), { kind: 'unshared' })
  clock.pass(499)
  t.strictSame(a.fills.claim(hashOf(1), 0), { kind: 'unshared' })
  clock.pass(1)
  t.equal(a.fills.claim(hashOf(1), 0).kind, 'lead')
})

t.test('claim() forgets an unshared key before it says full', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  for (let name = 0; name < probesMax; name++) {
    const fill = leadOf(a.fills.claim(hashOf(name), 0))
    if (name === 4) a.fills.release(fill, 60_000)
  }
  t.equal(a.fills.claim(hashOf(99), 0).kind, 'lead')
  t.strictSame(a.fills.claim(hashOf(98), 0), { kind: 'full' })
})

t.test('claim() of a retired key leads beside it', needsAddon, async t => {
  const a = groundOf(t, runDirectoryOf(t))
  const old = leadOf(a.fills.claim(hashOf(1), 0))
  t.ok(a.fills.retire(old))
  const next = leadOf(a.fills.claim(hashOf(1), 1))
  t.not(next.slot, old.slot)
  t.equal(a.fills.read(old)?.state, 'asking', 'those who follow the old one stay')
})

t.test('claim() of an orphan takes it over, once', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b, c] = [groundOf(t, directory), groundOf(t, directory), groundOf(t, directory)]
  const fill = leadOf(a.fills.claim(hashOf(1), 0))
  a.fills.publish(fill, { segment: 1, offset: 2, total: 3 })
  b.orphan(a.owner)
  t.strictSame(b.fills.claim(hashOf(1), 0), { kind: 'lead', fill, isOrphan: true })
  t.strictSame(c.fills.claim(hashOf(1), 0), { kind: 'follow', fill, owner: b.owner })
  t.match(c.fills.read(fill), { state: 'asking', place: undefined, isOrphaned: false })
})

interface Stoppable {
  ground: Ground
  /** Called before each of its steps. */
  onStep: () => void
}

function stoppableOf(t: Test, directory: string): Stoppable {
  const self: Stoppable = {
    ground: groundOf(t, directory, { beforeStep: () => self.onStep() }),
    onStep: () => {},
  }
  return self
}

/** All claim one key: the second does it as a whole before the step `at[0]` of the first, and so on. */
function claimNested(all: Stoppable[], at: number[], between: () => void): Claim[] {
  const claims: Claim[] = []
  const run = (index: number): void => {
    let step = 0
    all[index].onStep = () => {
      step += 1
      if (step !== at[index] || index + 1 === all.length) return
      if (index === 0) between()
      run(index + 1)
    }
    claims[index] = all[index].ground.fills.claim(hashOf(1), 0)
    all[index].onStep = () => {}
  }
  run(0)
  return claims.filter(claim => claim !== undefined)
}

/** The step of a claim that meets nobody before which its slot is offered. */
const settleStep = 9

/** More than any claim has when it meets nobody: 1 take, 4 + 1 + 1 words, offer, settle. */
const stepsMax = 11

t.test('claim() gives one leader, wherever another comes between, and two others', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const all = [stoppableOf(t, directory), stoppableOf(t, directory), stoppableOf(t, directory)]
  const other = groundOf(t, directory)
  for (let first = 1; first <= stepsMax; first++) {
    for (let second = 1; second <= stepsMax; second++) {
      // How many slots before theirs are taken at first and free when the others come: they meet in different ones.
      for (const freed of [0, 1, 2]) {
        const taken = Array.from({ length: 2 }, (_, name) => leadOf(other.fills.claim(hashOf(50 + name), 0)))
        const claims = claimNested(all, [first, second], () => {
          for (const fill of taken.slice(0, freed)) other.fills.free(fill)
        })
        const label = `${first} ${second} ${freed}: ${claims.map(claim => claim.kind)}`
        t.equal(claims.filter(({ kind }) => kind === 'lead').length, 1, label)
        t.ok(
          claims.every(({ kind }) => kind === 'lead' || kind === 'follow'),
          label,
        )
        const settled = other.fills.claim(hashOf(1), 0)
        t.equal(settled.kind, 'follow', 'and who comes later finds it')
        for (const { ground } of all)
          for (const claim of claims) if (claim.kind === 'lead') ground.fills.free(claim.fill)
        for (const fill of taken) other.fills.free(fill)
        t.equal(other.fills.census().free, 64, `${label} leaves nothing`)
      }
    }
  }
})

t.test(
  'claim() follows an offer whose owner was stopped there, and is told when that one dies',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const dead = dieAt(settleStep)
    const a = groundOf(t, directory, dead)
    const b = groundOf(t, directory)
    t.notOk(liveOrDie(() => a.fills.claim(hashOf(1), 0)))
    t.equal(b.fills.census().offered, 1)
    const claimed = b.fills.claim(hashOf(1), 0)
    t.match(claimed, { kind: 'follow', owner: a.owner })
    b.orphan(a.owner)
    t.equal(claimed.kind === 'follow' && b.fills.read(claimed.fill), undefined, 'it is over')
    t.equal(b.fills.claim(hashOf(1), 0).kind, 'lead')
  },
)

t.test(
  'claim() takes away what is offered in a later slot, and gives way to an earlier one',
  needsAddon,
  async t => {
    for (const isLater of [true, false]) {
      const directory = runDirectoryOf(t)
      const other = groundOf(t, directory)
      const a = groundOf(t, directory, dieAt(settleStep))
      const b = stoppableOf(t, directory)
      const first = leadOf(other.fills.claim(hashOf(50), 0))
      // b has taken its slot, and has not offered it, when the other one offers its own and is stopped.
      let steps = 0
      if (isLater) other.fills.free(first)
      b.onStep = () => {
        if (++steps !== settleStep - 1) return
        if (!isLater) other.fills.free(first)
        liveOrDie(() => a.fills.claim(hashOf(1), 0))
        t.equal(other.fills.census().offered, 1)
      }
      const claimed = b.ground.fills.claim(hashOf(1), 0)
      if (isLater) t.match(claimed, { kind: 'lead', fill: { slot: 0 } })
      else t.match(claimed, { kind: 'follow', fill: { slot: 0 }, owner: a.owner })
      t.equal(other.fills.census().offered, isLater ? 0 : 1)
      t.equal(other.fills.census().asking, isLater ? 1 : 0)
    }
  },
)
