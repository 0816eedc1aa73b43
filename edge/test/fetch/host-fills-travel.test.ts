// Bodies that travel between the workers of a host while they come, as host-fills.ts hands them from one to the other.
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { events, type Outcome } from '../../fetch/host-fill.js'
import type { RemoteFill } from '../../fetch/remote-fill.js'
import { bodyOf } from '../cache/segments/support.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { fillOf, fillRefOf, headOf, Reader, type TestWorker, travellersOf } from './support/travel.js'

/** A request of this worker that follows what another fetches, and reads it as soon as it can. */
function followerOf({ fills }: TestWorker, key = 'k') {
  const follower = {
    outcomes: [] as Outcome[],
    reader: undefined as Reader | undefined,
    remote: undefined as RemoteFill | undefined,
    want: () => fills.want(ref),
  }
  const ref = fillRefOf(fills.claim(key, '1'), 'elsewhere')
  fills.watch(ref, {
    begun: fill => {
      follower.remote = fill
      follower.reader = new Reader(fill)
    },
    over: outcome => void follower.outcomes.push(outcome),
  })
  return follower
}

function stageOf(t: Test, count: number, given: { recheckMs?: number } = {}) {
  const host = travellersOf(t, count, given)
  const [leader, ...others] = host.workers
  const ref = fillRefOf(leader.fills.claim('k', '1'), 'lead')
  const collected = fillOf(leader.bodies.stored)
  const offer = () => leader.fills.offer(ref, { variant: 'v', head: headOf, fill: collected.fill })
  const logs = () => readdirSync(host.runDirectory).filter(name => name.startsWith('fill-'))
  return { ...host, ...collected, leader, others, ref, offer, logs }
}

t.test(
  'offer() before anybody waits, and after: either way it is read while it comes',
  needsAddon,
  async t => {
    for (const isFirst of [true, false]) {
      const { fill, leader, others, ref, offer, logs } = stageOf(t, 2)
      if (isFirst) offer()
      t.strictSame(logs(), [], 'nobody wants it')
      const follower = followerOf(others[0])
      t.strictSame(logs(), [], 'somebody waits')
      follower.want()
      if (!isFirst) offer()
      t.equal(logs().length, 1)
      await until(() => follower.reader !== undefined)
      fill.add(Buffer.from('abc'))
      await until(() => follower.reader?.text === 'abc')
      await fill.complete()
      await until(() => follower.reader?.end === 'end')
      t.strictSame(follower.outcomes, [], 'it is not over before the store has it')
      leader.fills.end(ref)
      await until(() => follower.outcomes.length > 0)
      t.strictSame([follower.outcomes, logs()], [['over'], []])
    }
  },
)

t.test('several workers read one fill, each as it can', needsAddon, async t => {
  const body = bodyOf('several', 700_000)
  const { fill, leader, others, ref, offer, logs, said, workers } = stageOf(t, 4)
  const followers = others.slice(0, 2).map(worker => followerOf(worker))
  for (const { want } of followers) want()
  offer()
  await until(() => followers.every(({ reader }) => reader !== undefined))
  const slow = new Reader(followers[0].remote!, true)
  for (let at = 0; at < body.length; at += 100_000) fill.add(body.subarray(at, at + 100_000))
  const late = followerOf(others[2])
  late.want()
  await until(() => late.reader !== undefined)
  t.equal(logs().length, 1, 'published once')
  await fill.complete()
  leader.fills.end(ref)
  const all = [...followers, late]
  await until(() => all.every(({ reader }) => reader?.end !== undefined))
  for (const { reader } of all) t.ok(reader?.bytes.equals(body))
  slow.goOn()
  await until(() => slow.end !== undefined)
  t.ok(slow.bytes.equals(body), 'though it is over')
  t.equal(said('over'), 3)
  for (const { ground, troubles } of workers) {
    t.equal(ground.fills.census().free, 64)
    t.strictSame(troubles, [])
  }
})

t.test('end() without an offer: who wanted to read looks into the store', needsAddon, async t => {
  const { leader, others, ref, logs } = stageOf(t, 2)
  const follower = followerOf(others[0])
  follower.want()
  leader.fills.end(ref)
  await until(() => follower.outcomes.length > 0)
  t.match(follower, { outcomes: ['over'], reader: undefined })
  leader.fills.offer(ref, { variant: '', head: headOf, fill: fillOf(undefined).fill })
  t.strictSame(logs(), [], 'what is over is offered to nobody')
})

t.test('what grows too large while it is read is cut, and not shared any more', needsAddon, async t => {
  const { leader, others, ref, logs, workers } = stageOf(t, 2)
  const { fill } = fillOf(leader.bodies.stored, undefined, 1_000)
  const follower = followerOf(others[0])
  follower.want()
  leader.fills.offer(ref, { variant: '', head: headOf, fill })
  await until(() => follower.reader !== undefined)
  const own = new Reader(fill)
  fill.add(Buffer.alloc(900, 'x'))
  await until(() => follower.reader?.at === 900)
  fill.add(Buffer.alloc(200, 'x'))
  leader.fills.end(ref, 60_000)
  await until(() => follower.outcomes.length > 0)
  t.match(follower, { outcomes: ['unshared'], reader: { end: 'broken', at: 900 } })
  t.equal(own.at, 1_100, 'whoever reads it in its own worker goes on')
  t.strictSame(logs(), [])
  t.equal(workers[1].ground.fills.census().unshared, 1)
})

t.test('frames that are lost cost time, and nothing else', needsAddon, async t => {
  const { fill, leader, others, ref, offer, state } = stageOf(t, 2, { recheckMs: 2 })
  const follower = followerOf(others[0])
  follower.want()
  offer()
  await until(() => follower.reader !== undefined)
  state.isDeaf = true
  fill.add(Buffer.from('abc'))
  await until(() => follower.reader?.text === 'abc')
  await fill.complete()
  leader.fills.end(ref)
  await until(() => follower.outcomes.length > 0)
  t.match(follower, { outcomes: ['over'], reader: { end: 'end' } })
})

t.test('leave() in the middle: who reads along is cut, and one of them takes over', needsAddon, async t => {
  const { fill, leader, others, ref, offer, logs } = stageOf(t, 2)
  const follower = followerOf(others[0])
  follower.want()
  offer()
  await until(() => follower.reader !== undefined)
  fill.add(Buffer.from('abc'))
  await until(() => follower.reader?.text === 'abc')
  await leader.fills.leave()
  t.strictSame(logs(), [])
  others[0].ground.orphan(leader.ground.owner)
  others[0].fills.recheck()
  await until(() => follower.outcomes.length > 0)
  t.match(follower, { outcomes: ['over'], reader: { end: 'broken' } })
  t.strictSame(others[0].fills.claim('k', '1'), { kind: 'lead', fill: ref })
})

t.test('stop() lets what was led go on for who reads it elsewhere', needsAddon, async t => {
  const { fill, leader, others, ref, offer } = stageOf(t, 2)
  const follower = followerOf(others[0])
  follower.want()
  offer()
  await until(() => follower.reader !== undefined)
  leader.fills.stop()
  fill.add(Buffer.from('abc'))
  await fill.complete()
  leader.fills.end(ref)
  await until(() => follower.reader?.end !== undefined)
  t.match(follower.reader, { end: 'end', text: 'abc' })
})

t.test('a waiting worker that is told of nothing to read waits for the end', needsAddon, async t => {
  const { leader, others, ref, said } = stageOf(t, 2)
  const { fill } = fillOf(undefined)
  leader.fills.offer(ref, { variant: '', head: headOf, fill })
  const follower = followerOf(others[0])
  follower.want()
  leader.fills.heard(others[0].ground.owner, { ...ref, event: events.waits, value: 1 })
  t.equal(said('grew'), 1, 'it may look again')
  leader.fills.end(ref)
  await until(() => follower.outcomes.length > 0)
  t.match(follower, { outcomes: ['over'], reader: undefined })
})

t.test('who comes when all is there, and nothing to be read, hurries the store', needsAddon, async t => {
  const { fill, leader, others, ref, offer, state } = stageOf(t, 2)
  offer()
  fill.add(Buffer.from('abc'))
  const stored = fill.complete()
  t.equal(state.hurries, 0, 'nobody waits')
  const follower = followerOf(others[0])
  t.equal(state.hurries, 1, 'it waits for what is stored')
  follower.want()
  t.equal(state.hurries, 2)
  t.equal(follower.reader, undefined)
  await stored
  leader.fills.end(ref)
  await until(() => follower.outcomes.length > 0)
})

t.test(
  'who reads along does not hurry the store, and who waits while nothing has come neither',
  needsAddon,
  async t => {
    const { fill, leader, others, ref, offer, state } = stageOf(t, 2)
    const follower = followerOf(others[0])
    follower.want()
    offer()
    await until(() => follower.reader !== undefined)
    fill.add(Buffer.from('abc'))
    await fill.complete()
    leader.fills.end(ref)
    await until(() => follower.outcomes.length > 0)
    t.equal(state.hurries, 0)
  },
)

t.test('settle() hurries the store for those who wait, and for those who come', needsAddon, async t => {
  const { leader, others, ref, state } = stageOf(t, 3)
  const follower = followerOf(others[0])
  t.equal(state.hurries, 0)
  leader.fills.settle(ref)
  t.equal(state.hurries, 1)
  const late = followerOf(others[1])
  t.equal(state.hurries, 2)
  leader.fills.end(ref)
  leader.fills.settle(ref)
  t.equal(state.hurries, 2, 'it is over')
  await until(() => follower.outcomes.length > 0 && late.outcomes.length > 0)
})
