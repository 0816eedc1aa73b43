import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FillRef } from '../../shared/claim.js'
import { type JoinOptions, joinGround, orphanGraceMs, type Standing, tend } from '../../shared/join.js'
import { clockAt, groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from './support/ground.js'
import { frameOf, memberOf } from './support/member.js'
import { until } from './support/processes.js'

interface Noted extends Standing {
  gone: { owner: number; orphans: FillRef[] }[]
  heard: number[]
  troubles: Error[]
}

async function standingOf(t: Test, runDirectory: string, given: Partial<JoinOptions> = {}): Promise<Noted> {
  const noted: Pick<Noted, 'gone' | 'heard' | 'troubles'> = { gone: [], heard: [], troubles: [] }
  const standing = await joinGround({
    runDirectory,
    slots: 64,
    onFrame: (_, { value }) => void noted.heard.push(value),
    onGone: (owner, orphans) => void noted.gone.push({ owner, orphans }),
    onTrouble: error => void noted.troubles.push(error),
    ...given,
  })
  let isLeft = false
  const leave = async () => {
    if (!isLeft) await standing.leave()
    isLeft = true
  }
  t.teardown(leave)
  return { ...noted, ...standing, leave }
}

t.test('joinGround(): one leads, another follows, is woken, and inherits', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [await standingOf(t, directory), await standingOf(t, directory)]
  const fill = leadOf(a.ground.fills.claim(hashOf(1), 0))
  t.match(b.ground.fills.claim(hashOf(1), 0), { kind: 'follow', owner: a.ground.owner })
  t.equal(a.mesh.broadcast(frameOf(4)), 1)
  t.ok(await until(() => b.heard.length === 1))
  await a.leave()
  t.ok(await until(() => b.gone.length === 1))
  t.equal(b.gone[0].owner, a.ground.owner)
  t.ok(b.ground.fills.takeOver(fill))
  t.strictSame([a.troubles, b.troubles], [[], []])
})

t.test('onGone() is told which fills are orphans now', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = await standingOf(t, directory)
  const b = groundOf(t, directory)
  // A worker whose mesh ends before its ground: as in a death, nobody tidied up.
  const mesh = (await memberOf(t, directory, b.owner, { group: b.group })).mesh
  const fill = leadOf(b.fills.claim(hashOf(1), 0))
  await mesh.leave()
  t.ok(await until(() => a.gone.length === 1))
  t.strictSame(a.gone, [{ owner: b.owner, orphans: [fill] }])
})

t.test('processes with other slots are on another ground and in another mesh', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [await standingOf(t, directory), await standingOf(t, directory, { slots: 128 })]
  t.equal(a.ground.owner, b.ground.owner)
  t.strictSame([a.mesh.peers(), b.mesh.peers()], [[], []])
  t.equal(b.ground.fills.claim(hashOf(1), 0).kind, 'lead')
  t.equal(a.ground.fills.claim(hashOf(1), 0).kind, 'lead')
})

t.test('tend() finds the dead whom nobody saw die, and nobody else', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = await standingOf(t, directory)
  const unseen = groundOf(t, directory)
  leadOf(unseen.fills.claim(hashOf(1), 0))
  const b = await standingOf(t, directory)
  leadOf(b.ground.fills.claim(hashOf(2), 0))
  const gone: number[] = []
  await tend(a.ground, a.mesh, owner => void gone.push(owner))
  t.strictSame(gone, [unseen.owner])
})

t.test('tend() frees the orphans that nobody took over', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const clock = clockAt(10_000)
  const [ground, other] = [groundOf(t, directory, clock), groundOf(t, directory, clock)]
  const { mesh } = await memberOf(t, directory, ground.owner, { group: ground.group })
  other.fills.abandon(leadOf(other.fills.claim(hashOf(1), 0)))
  clock.pass(orphanGraceMs - 1)
  await tend(ground, mesh, () => {})
  t.equal(ground.fills.census().orphaned, 1)
  clock.pass(1)
  await tend(ground, mesh, () => {})
  t.equal(ground.fills.census().orphaned, 0)
})

t.test('tend() ends when its worker leaves meanwhile', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = await standingOf(t, directory)
  const unseen = groundOf(t, directory)
  leadOf(unseen.fills.claim(hashOf(1), 0))
  const tending = tend(a.ground, a.mesh, () => t.fail('it has left'))
  await a.leave()
  await tending
})

t.test('a worker tends by itself, every second', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = await standingOf(t, directory)
  const unseen = groundOf(t, directory)
  leadOf(unseen.fills.claim(hashOf(1), 0))
  t.ok(await until(() => a.gone.length === 1))
  t.equal(a.gone[0].owner, unseen.owner)
})

t.test('joinGround() that fails leaves nothing', needsAddon, async t => {
  const parent = runDirectoryOf(t)
  const long = join(parent, 'd'.repeat(90))
  mkdirSync(long)
  await t.rejects(standingOf(t, long), { code: 'mesh-path' })
  t.equal(groundOf(t, long).owners().size, 0)
  await t.rejects(standingOf(t, join(parent, 'absent')), { code: 'ground' })
  t.notOk(existsSync(join(parent, 'absent')))
  t.ok(readdirSync(long).every(name => !name.startsWith('mesh-')))
})
