// The mesh between real processes: what a kill tells the others, and what a stopped one costs them.
import type { ChildProcess } from 'node:child_process'
import t, { type Test } from 'tap'
import { runDirectoryOf } from './support/ground.js'
import { frameOf, group, memberOf, sorted } from './support/member.js'
import { ended, messageOf, programFile, startProgram, until } from './support/processes.js'

interface Joined {
  joined: number[]
}
interface Gone {
  gone: number
}
interface Report {
  from: number
  count: number
  inOrder: boolean
}

async function childrenOf(t: Test, directory: string, owners: number[]): Promise<ChildProcess[]> {
  const program = programFile('mesh-child')
  const children = owners.map(owner => startProgram(t, program, [directory, group, owner]))
  await Promise.all(children.map(child => messageOf<Joined>(child, message => 'joined' in message)))
  return children
}

t.test('a kill -9 is told to all others', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const [b, c, d] = await childrenOf(t, directory, [2, 3, 4])
  t.ok(await until(() => a.mesh.peers().length === 3))
  const told = [b, d].map(child => messageOf<Gone>(child, message => 'gone' in message))
  const beganMs = performance.now()
  c.kill('SIGKILL')
  t.strictSame(await Promise.all(told), [{ gone: 3 }, { gone: 3 }])
  t.ok(await until(() => a.gone.length === 1))
  t.comment(`all knew after ${Math.round(performance.now() - beganMs)} ms`)
  t.strictSame(a.gone, [3])
  const late = await memberOf(t, directory, 5)
  t.strictSame(sorted(late.mesh.peers()), [1, 2, 4], 'who comes later does not find it')
})

t.test('one who dies after all others is found dead by the next', async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = await childrenOf(t, directory, [1, 2])
  for (const child of [a, b]) child.kill('SIGKILL')
  await Promise.all([ended(a), ended(b)])
  const c = await memberOf(t, directory, 3)
  t.strictSame(sorted(c.gone), [1, 2])
})

t.test('ten thousand frames each way between two processes arrive in order', async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = await childrenOf(t, directory, [1, 2])
  const reports = [a, b].map(child => messageOf<Report>(child, message => 'count' in message))
  a.send({ send: true, to: 2, count: 10_000 })
  b.send({ send: true, to: 1, count: 10_000 })
  t.strictSame(await Promise.all(reports), [
    { from: 2, count: 10_000, inOrder: true },
    { from: 1, count: 10_000, inOrder: true },
  ])
})

t.test('a stopped process is not gone, loses what it has no room for, and hears again', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const [b] = await childrenOf(t, directory, [2])
  t.ok(await until(() => a.mesh.has(2)))
  b.kill('SIGSTOP')
  for (let turn = 0; turn < 20_000 && a.mesh.dropped === 0; turn++) {
    for (let value = 0; value < 100; value++) a.mesh.send(2, frameOf(value))
    await new Promise(setImmediate)
  }
  t.ok(a.mesh.dropped > 0)
  t.strictSame(a.gone, [])
  const report = messageOf<Report>(b, message => 'count' in message)
  b.kill('SIGCONT')
  t.ok(await until(() => a.mesh.send(2, { slot: 0, turn: 0, event: 9, value: 0 })))
  t.ok((await report).count > 0)
})

t.test('a respawned worker has another number, and the old one’s place is taken without a gap', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const [b] = await childrenOf(t, directory, [2])
  const [c] = await childrenOf(t, directory, [3])
  t.ok(await until(() => a.mesh.peers().length === 2))
  const told = messageOf<Gone>(c, message => 'gone' in message)
  b.send({ leave: true })
  t.strictSame(await told, { gone: 2 })
  t.equal(await ended(b), 0)
  t.ok(await until(() => `${a.mesh.peers()}` === '3'))
})
