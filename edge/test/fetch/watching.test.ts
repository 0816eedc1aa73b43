import { existsSync, readdirSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Outcome, Say } from '../../fetch/host-fill.js'
import type { RemoteFill } from '../../fetch/remote-fill.js'
import { Watching } from '../../fetch/watching.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { fillOf, fillRefOf, headOf, Reader, type TestWorker, travellersOf } from './support/travel.js'

/** One who watches, and what he was told, in order. */
function watcherOf() {
  const told: ('begun' | Outcome)[] = []
  const bodies: RemoteFill[] = []
  return {
    told,
    bodies,
    begun: (fill: RemoteFill) => void [told.push('begun'), bodies.push(fill)],
    over: (outcome: Outcome) => void told.push(outcome),
  }
}

/** Lets pass what is told in a later turn. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
}

/** One worker leads a fill of `k` and has published what came; another one watches it. */
function stageOf(t: Test, { recheckMs = 1_000_000, hasBodies = true } = {}) {
  const host = travellersOf(t, 3)
  const [leader, , third] = host.workers
  const watcher = host.workers[1]
  const ref = fillRefOf(leader.fills.claim('k', '1'), 'lead')
  const { fill } = fillOf(leader.bodies.stored)
  const said: string[] = []
  const say: Say = (worker, _, event, value = 0) => void said.push(`${worker} ${event} ${value}`)
  const bodies = hasBodies ? watcher.bodies : undefined
  const watching = new Watching({ fills: watcher.ground.fills, say, bodies, recheckMs })
  t.teardown(() => watching.stop())
  const publish = () => {
    leader.fills.offer(ref, { variant: 'v', head: headOf, fill })
    leader.fills.heard(third.ground.owner, { ...ref, event: 1, value: 1 })
  }
  const hear = (event: number) => watching.heard({ ...ref, event, value: 0 })
  return { host, leader, third, ref, fill, said, watching, publish, hear }
}

const ownerOf = ({ ground }: TestWorker) => ground.owner

t.test('watch() says that somebody waits, want() that he reads, each once', needsAddon, async t => {
  const { leader, ref, said, watching } = stageOf(t)
  const watchers = [watcherOf(), watcherOf()]
  for (const watcher of watchers) watching.watch(ref, watcher)
  t.strictSame(said, [`${ownerOf(leader)} waits 0`])
  for (const _ of watchers) watching.want(ref)
  t.strictSame(said.slice(1), [`${ownerOf(leader)} waits 1`])
  watching.want({ slot: 9, turn: 9 })
  watching.heard({ slot: 9, turn: 9, event: 4, value: 0 })
  t.equal(said.length, 2, 'what nobody watches is nothing')
})

t.test('grew: it begins once, for all who watch and those who come later', needsAddon, async t => {
  const { ref, fill, watching, publish, hear, leader } = stageOf(t)
  const [one, other, late] = [watcherOf(), watcherOf(), watcherOf()]
  watching.watch(ref, one)
  watching.watch(ref, other)
  publish()
  hear(4)
  await turns()
  t.strictSame(one.told, [], 'nobody wants to read it')
  watching.want(ref)
  t.strictSame(one.told, [], 'in a later turn')
  await turns()
  t.strictSame([one.told, other.told], [['begun'], ['begun']])
  watching.watch(ref, late)
  hear(4)
  await turns()
  t.strictSame([one.told, late.told], [['begun'], ['begun']], 'as after a reload')
  t.equal(late.bodies[0], one.bodies[0])
  const readers = [one, late].map(({ bodies }) => new Reader(bodies[0]))
  fill.add(Buffer.from('abc'))
  await until(() => {
    hear(4)
    return readers.every(({ text }) => text === 'abc')
  })
  await fill.complete()
  leader.fills.end(ref)
  hear(2)
  await turns()
  for (const reader of readers) t.equal(reader.end, 'end')
  t.strictSame(one.told, ['begun', 'over'])
})

t.test('want() of what was published long ago begins at once', needsAddon, async t => {
  const { ref, fill, watching, publish } = stageOf(t)
  fill.add(Buffer.from('abc'))
  publish()
  await until(() => fill.showTo(() => {})?.bytes === 3)
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  await turns()
  t.strictSame(watcher.told, ['begun'])
})

t.test('recheck() finds what a lost frame would have told', needsAddon, async t => {
  const { ref, fill, watching, publish, leader } = stageOf(t, { recheckMs: 2 })
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  await turns()
  t.strictSame(watcher.told, [])
  publish()
  await until(() => watcher.told.length > 0)
  t.strictSame(watcher.told, ['begun'])
  const reader = new Reader(watcher.bodies[0])
  fill.add(Buffer.from('abc'))
  await until(() => reader.text === 'abc')
  await fill.complete()
  leader.fills.end(ref)
  await until(() => watcher.told.length > 1)
  t.strictSame(watcher.told, ['begun', 'over'])
  await until(() => reader.end === 'end')
})

t.test('stop() cuts who reads along and tells nobody anything', needsAddon, async t => {
  const { ref, fill, watching, publish, hear } = stageOf(t)
  const [watcher, late] = [watcherOf(), watcherOf()]
  watching.watch(ref, watcher)
  watching.want(ref)
  publish()
  hear(4)
  await turns()
  const reader = new Reader(watcher.bodies[0])
  fill.add(Buffer.from('abc'))
  watching.stop()
  t.equal(reader.end, 'broken')
  watching.watch(ref, late)
  await fill.complete()
  await turns()
  t.strictSame([watcher.told, late.told], [['begun'], []])
})

t.test('who reads a fill of the dead is cut, and it is over', needsAddon, async t => {
  const { ref, leader, third, watching, publish, hear } = stageOf(t)
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  publish()
  hear(4)
  await turns()
  const reader = new Reader(watcher.bodies[0])
  third.ground.orphan(ownerOf(leader))
  watching.recheck()
  await turns()
  t.strictSame([watcher.told, reader.end], [['begun', 'over'], 'broken'])
})

t.test('and so is who did not see the death before another has taken the fill over', needsAddon, async t => {
  const { ref, leader, third, watching, publish, hear } = stageOf(t)
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  publish()
  hear(4)
  await turns()
  const reader = new Reader(watcher.bodies[0])
  third.ground.orphan(ownerOf(leader))
  t.strictSame(third.fills.claim('k', '1'), { kind: 'lead', fill: ref }, 'the fill is the same')
  watching.recheck()
  await turns()
  t.strictSame([watcher.told, reader.end], [['begun', 'over'], 'broken'])
})

t.test('who only waits follows the one who has taken it over', needsAddon, async t => {
  const { ref, leader, third, said, watching } = stageOf(t)
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  third.ground.orphan(ownerOf(leader))
  third.fills.claim('k', '1')
  watching.recheck()
  await turns()
  t.strictSame([watcher.told, said.at(-1)], [[], `${ownerOf(third)} waits 1`])
})

t.test('what cannot be read is waited for until it is over', needsAddon, async t => {
  const ways: [string, Parameters<typeof stageOf>[1], (stage: ReturnType<typeof stageOf>) => void][] = [
    ['a worker that has no segments', { hasBodies: false }, () => {}],
    [
      'the log is gone',
      {},
      ({ host }) => {
        for (const name of readdirSync(host.runDirectory))
          if (name.startsWith('fill-')) rmSync(`${host.runDirectory}/${name}`)
      },
    ],
    ['it broke already', {}, ({ fill }) => fill.discard()],
  ]
  for (const [row, options, spoil] of ways) {
    const stage = stageOf(t, options)
    const { ref, leader, watching, publish, hear } = stage
    publish()
    spoil(stage)
    const watcher = watcherOf()
    watching.watch(ref, watcher)
    watching.want(ref)
    hear(4)
    await turns()
    t.strictSame(watcher.told, [], row)
    leader.fills.end(ref)
    hear(2)
    await turns()
    t.strictSame(watcher.told, ['over'], row)
  }
})

t.test('unshared: said, or found', needsAddon, async t => {
  for (const isSaid of [true, false]) {
    const { ref, leader, watching, hear } = stageOf(t)
    const watcher = watcherOf()
    watching.watch(ref, watcher)
    leader.fills.end(ref, 60_000)
    if (isSaid) hear(3)
    else watching.recheck()
    hear(3)
    await turns()
    t.strictSame(watcher.told, ['unshared'])
  }
})

t.test('what breaks before anybody was told of it is not begun', needsAddon, async t => {
  const { host, ref, fill, watching, publish, hear, leader } = stageOf(t)
  const watcher = watcherOf()
  watching.watch(ref, watcher)
  watching.want(ref)
  publish()
  hear(4)
  fill.discard()
  hear(4)
  await turns()
  t.strictSame(watcher.told, [])
  leader.fills.end(ref)
  hear(2)
  await turns()
  t.strictSame(watcher.told, ['over'])
  t.notOk(
    existsSync(`${host.runDirectory}/fill-${leader.ground.group}-${ownerOf(leader)}-${ref.slot}-${ref.turn}`),
  )
})
