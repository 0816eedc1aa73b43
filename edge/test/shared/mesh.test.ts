import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { encodeFrame, helloEvent, reservedFrom } from '../../shared/frames.js'
import { joinMesh } from '../../shared/mesh.js'
import { runDirectoryOf } from './support/ground.js'
import { frameOf, group, type Member, memberOf, sorted } from './support/member.js'
import { until } from './support/processes.js'

t.test('send() and broadcast() are heard by whom they are for, from whom they are', async t => {
  const directory = runDirectoryOf(t)
  const [a, b, c] = [
    await memberOf(t, directory, 1),
    await memberOf(t, directory, 2),
    await memberOf(t, directory, 3),
  ]
  t.strictSame(sorted(a.mesh.peers()), [2, 3])
  t.ok(a.mesh.has(2))
  t.ok(a.mesh.send(2, frameOf(7)))
  t.equal(b.mesh.broadcast(frameOf(8)), 2)
  t.notOk(a.mesh.send(4, frameOf(9)), 'nobody')
  t.ok(await until(() => b.heard.length === 1 && a.heard.length === 1 && c.heard.length === 1))
  t.strictSame(b.heard, [{ from: 1, frame: frameOf(7) }])
  t.strictSame(c.heard, [{ from: 2, frame: frameOf(8) }])
})

t.test('frames arrive in order, ten thousand of them', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1, { sendBytesMax: 1024 * 1024 })
  const b = await memberOf(t, directory, 2)
  for (let value = 0; value < 10_000; value++) t.ok(a.mesh.send(2, frameOf(value)) || t.fail(`${value}`))
  await until(() => b.heard.length === 10_000)
  t.equal(b.heard.length, 10_000)
  t.ok(b.heard.every(({ frame }, index) => frame.value === index))
})

t.test('all who join at once find each other', async t => {
  const directory = runDirectoryOf(t)
  const owners = [1, 2, 3, 4, 5, 6]
  const members = await Promise.all(owners.map(owner => memberOf(t, directory, owner)))
  for (const { owner, mesh } of members) {
    t.strictSame(
      sorted(mesh.peers()),
      owners.filter(other => other !== owner),
    )
  }
  for (const { mesh } of members) t.equal(mesh.broadcast(frameOf(1)), 5)
  t.ok(await until(() => members.every(({ heard }) => heard.length === 5)))
  t.ok(members.every(({ gone }) => gone.length === 0))
})

t.test('leave() is told to all others once, and to nobody after', async t => {
  const directory = runDirectoryOf(t)
  const [a, b, c] = [
    await memberOf(t, directory, 1),
    await memberOf(t, directory, 2),
    await memberOf(t, directory, 3),
  ]
  await b.mesh.leave()
  await b.mesh.leave()
  t.notOk(b.mesh.isOpen)
  t.ok(await until(() => a.gone.length === 1 && c.gone.length === 1))
  t.strictSame([a.gone, b.gone, c.gone], [[2], [], [2]])
  t.notOk(a.mesh.has(2))
  t.equal(b.mesh.broadcast(frameOf(1)), 0)
  t.notOk(readdirSync(directory).includes(`mesh-${group}-2`))
})

t.test('what is said just before leaving is heard', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const b = await memberOf(t, directory, 2)
  b.mesh.send(1, frameOf(5))
  await b.mesh.leave()
  t.ok(await until(() => a.gone.length === 1))
  t.ok(a.heard.length <= 1, 'or not at all: the state of its fills says the rest')
})

t.test('storms of joining and leaving end with all who are there knowing each other', async t => {
  const directory = runDirectoryOf(t)
  let next = 1
  let present: Member[] = []
  for (let round = 0; round < 6; round++) {
    const leaving = present.filter((_, index) => index % 2 === round % 2)
    const coming = Array.from({ length: 4 }, () => memberOf(t, directory, next++))
    const [came] = await Promise.all([Promise.all(coming), ...leaving.map(({ mesh }) => mesh.leave())])
    present = [...present.filter(member => !leaving.includes(member)), ...came]
  }
  const owners = present.map(({ owner }) => owner)
  const allKnown = () =>
    present.every(
      ({ owner, mesh }) => `${sorted(mesh.peers())}` === `${owners.filter(other => other !== owner)}`,
    )
  t.ok(await until(allKnown), JSON.stringify(present.map(({ mesh }) => mesh.peers())))
  t.ok(
    present.every(
      ({ gone }) => new Set(gone).size === gone.length && !gone.some(who => owners.includes(who)),
    ),
    'each of those who left was told once, and nobody who is there',
  )
})

t.test('what the dead left is found dead, and removed', async t => {
  const directory = runDirectoryOf(t)
  for (const name of [`mesh-${group}-8`, `mesh-${group}-9`, 'mesh-deadbeef-3'])
    writeFileSync(join(directory, name), '')
  const a = await memberOf(t, directory, 10)
  t.strictSame(sorted(a.gone), [8, 9])
  t.strictSame(a.mesh.peers(), [])
  t.strictSame(readdirSync(directory).sort(), ['mesh-0badcafe-10', 'mesh-deadbeef-3'])
})

t.test('probe() tells who listens from who does not', async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [await memberOf(t, directory, 1), await memberOf(t, directory, 2)]
  writeFileSync(join(directory, `mesh-${group}-3`), '')
  t.strictSame([await a.mesh.probe(2), await a.mesh.probe(3), await a.mesh.probe(4)], [true, false, false])
  t.strictSame([b.heard, b.gone], [[], []], 'who is probed hears nothing of it')
})

t.test('ping() takes a while, and is undefined when nobody is there', async t => {
  const directory = runDirectoryOf(t)
  const [a, b] = [await memberOf(t, directory, 1), await memberOf(t, directory, 2)]
  const us = await a.mesh.ping(2)
  t.ok(us !== undefined && us > 0)
  t.equal(await a.mesh.ping(3), undefined)
  t.strictSame([a.heard, b.heard], [[], []], 'frames of the mesh are its own')
})

t.test('who does not say its name, or says a wrong one, is closed and changes nothing', async t => {
  const directory = runDirectoryOf(t)
  const a = await memberOf(t, directory, 1)
  const b = await memberOf(t, directory, 2)
  const hello = { slot: 1, turn: 0, event: helloEvent, value: 0 }
  for (const first of [frameOf(1), hello, { ...hello, event: reservedFrom }, { ...hello, slot: 2 }]) {
    const socket = connect(join(directory, `mesh-${group}-1`))
    socket.write(encodeFrame(first))
    await closed(socket)
  }
  const silent = connect(join(directory, `mesh-${group}-1`))
  t.teardown(() => silent.destroy())
  await new Promise<void>(resolve => silent.once('connect', resolve))
  t.strictSame([a.heard, a.gone, a.mesh.peers(), b.gone], [[], [], [2], []])
  await a.mesh.leave()
  t.ok(await until(() => b.gone.length === 1))
})

t.test('joinMesh() does not wait for ever for one who does not connect back', async t => {
  const directory = runDirectoryOf(t)
  await fakeOf(t, directory, 1, () => {})
  const a = await memberOf(t, directory, 2, { joinMs: 10 })
  t.strictSame(a.mesh.peers(), [1])
})

t.test('frames for one who does not read are dropped and counted, and do not hold up others', async t => {
  const directory = runDirectoryOf(t)
  // Says its name, and reads nothing.
  await fakeOf(t, directory, 1, socket => {
    socket.pause()
    const back = connect(join(directory, `mesh-${group}-2`))
    t.teardown(() => back.destroy())
    back.write(encodeFrame({ slot: 1, turn: 0, event: helloEvent, value: 0 }))
  })
  const a = await memberOf(t, directory, 2, { sendBytesMax: 1_600 })
  const b = await memberOf(t, directory, 3, { joinMs: 10 })
  let sent = 0
  while (a.mesh.dropped === 0 && sent < 1_000_000) {
    // One turn each, so that the kernel's own buffer fills and only then ours.
    for (let burst = 0; burst < 50; burst++, sent++) a.mesh.send(1, frameOf(sent))
    await new Promise(setImmediate)
  }
  const dropped = a.mesh.dropped
  t.ok(dropped > 0)
  t.notOk(a.mesh.send(1, frameOf(0)))
  t.equal(a.mesh.dropped, dropped + 1)
  t.ok(a.mesh.send(3, frameOf(1)))
  t.ok(await until(() => b.heard.length === 1))
})

t.test('who closes before it was heard of is tried again, not given up: it had no descriptor', async t => {
  const directory = runDirectoryOf(t)
  const seen: Socket[] = []
  await fakeOf(t, directory, 1, socket => {
    seen.push(socket)
    if (seen.length === 1) socket.destroy()
  })
  const a = await memberOf(t, directory, 2, { joinMs: 10 })
  t.ok(await until(() => seen.length === 2))
  t.strictSame([a.gone, a.mesh.peers()], [[], [1]])
})

t.test('who is refused at a second try is gone', async t => {
  const directory = runDirectoryOf(t)
  const server = await fakeOf(t, directory, 1, socket => {
    socket.destroy()
    server.close()
  })
  const a = await memberOf(t, directory, 2, { joinMs: 10 })
  t.ok(await until(() => a.gone.length === 1))
})

t.test('joinMesh() says what is wrong, and leaves nothing', async t => {
  const directory = runDirectoryOf(t)
  const joined = (runDirectory: string, owner = 1) =>
    joinMesh({ runDirectory, group, owner, onFrame: () => {}, onGone: () => {} })
  await t.rejects(joined(join(directory, 'absent')), {
    code: 'mesh',
    source: 'edge',
    message: /^run\.directory: no socket/,
  })
  await t.rejects(joined(join(directory, 'd'.repeat(100))), { code: 'mesh-path' })
  mkdirSync(join(directory, `mesh-${group}-1`))
  await t.rejects(joined(directory), { code: 'mesh' }, 'a directory has its name')
  t.notOk(existsSync(join(directory, `mesh-${group}-1.new`)))
})

/** Listens as worker `owner` would and does nothing of itself. */
async function fakeOf(
  t: Test,
  directory: string,
  owner: number,
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => socket.destroy())
    onSocket(socket)
  })
  await new Promise<void>(resolve => server.listen(join(directory, `mesh-${group}-${owner}`), resolve))
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return server
}

function closed(socket: Socket): Promise<void> {
  socket.resume()
  socket.on('error', () => socket.destroy())
  return new Promise(resolve => socket.once('close', () => resolve()))
}
