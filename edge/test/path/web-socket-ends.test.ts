// Plays: how WebSockets end, in order and otherwise, and what slow ends do.
import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import t from 'tap'
import { certificate, key } from '../fetch/support/certificate.js'
import { connectRaw, get } from '../support/client.js'
import { engine, onUws, startEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { accessLines, digest, noise, until } from '../support/play.js'
import {
  allOver,
  type End,
  handshake,
  openSocket,
  socketStage,
  startRawSocketOrigin,
  startSocketOrigin,
} from '../support/web-socket.js'

t.test('a message larger than allowed, or no UTF-8, ends it', async t => {
  const { edge } = await socketStage(t, undefined, {}, { limits: { webSocketMessageBytesMax: 1_024 } })
  const client = await openSocket(edge.port, '/')
  client.socket.send(noise(1_025))
  // The library of the engine node says so.
  t.match(await client.over(), { code: engine === 'node' ? 1_009 : 1_006 })
  await allOver(edge)
  const other = await connectRaw(edge.port)
  other.write(handshake())
  await other.until('\r\n\r\n')
  other.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]))
  await other.closed()
  await allOver(edge)
  t.match(accessLines(edge), [{ detail: 'message-too-big' }, { detail: 'invalid-text' }])
})

t.test('neither says anything for idleMs: both are told 1001', async t => {
  const { origin, edge } = await socketStage(t, undefined, { webSocket: { idleMs: 1_000 } })
  const client = await openSocket(edge.port, '/')
  const beganMs = performance.now()
  client.socket.send('a')
  t.same(await client.over(), { code: 1_001, reason: 'idle' })
  t.ok(performance.now() - beganMs > 950)
  t.same(await origin.ends[0].over(), { code: 1_001, reason: 'idle' })
  await allOver(edge)
  t.match(accessLines(edge), [{ detail: 'idle', completed: false }])
})

t.test('a worker that leaves tells both ends 1001 and is gone soon', async t => {
  const { origin, edge } = await socketStage(t)
  const clients = await Promise.all([1, 2, 3].map(() => openSocket(edge.port, '/')))
  const stopped = edge.stop()
  for (const client of clients) t.same(await client.over(), { code: 1_001, reason: 'leaving' })
  for (const end of origin.ends) t.same(await end.over(), { code: 1_001, reason: 'leaving' })
  await stopped
})

t.test('sites change: a WebSocket whose origin stays goes on, another is told 1001', async t => {
  const { origin, edge } = await socketStage(t)
  const other = await startSocketOrigin(t)
  const client = await openSocket(edge.port, '/')
  const [site] = edge.config.sites
  edge.serving.prepareSites([{ ...site, cache: { ...site.cache, staleMaxMs: 1 } }])()
  client.socket.send('still here')
  await origin.ends[0].heard(1)
  edge.serving.prepareSites([{ ...site, origins: [{ ...site.origins[0], url: other.url }] }])()
  t.same(await client.over(), { code: 1_001, reason: 'leaving' })
  await openSocket(edge.port, '/')
  t.equal(other.ends.length, 1)
})

t.test('a client that does not read holds its origin, costs little, and gets every byte', async t => {
  const messages = 200
  const { origin, edge } = await socketStage(t)
  const client = await openSocket(edge.port, '/')
  client.socket.pause()
  const { socket } = origin.ends[0]
  const sent: Buffer[] = []
  let handed = 0
  for (let at = 0; at < messages; at += 1) {
    const message = noise(100_000 + at * 7)
    sent.push(message)
    socket.send(message, () => {
      handed += 1
    })
  }
  // Of 20 MB: more than the kernel and the edge will hold.
  let last = -1
  await until(async () => {
    const before = last
    last = handed
    await new Promise(resolve => setTimeout(resolve, 100))
    return handed > 0 && before === handed
  })
  t.ok(handed < messages, `${handed} of ${messages}`)
  client.socket.resume()
  await client.heard(messages)
  t.equal(digest(Buffer.concat(client.messages as Buffer[])), digest(Buffer.concat(sent)))
})

t.test('an origin that does not read: what the client sends waits in a file, and comes in order', async t => {
  const messages = 100
  const { origin, edge } = await socketStage(t, ({ socket }) => socket.pause())
  const client = await openSocket(edge.port, '/')
  const sent: Buffer[] = []
  for (let at = 0; at < messages; at += 1) {
    sent.push(noise(200_000 + at))
    client.socket.send(sent[at])
  }
  client.socket.close(1_000, 'all sent')
  await client.over()
  const [end] = origin.ends
  t.equal(end.messages.length, 0)
  end.socket.resume()
  t.same(await end.over(), { code: 1_000, reason: 'all sent' })
  t.equal(digest(Buffer.concat(end.messages as Buffer[])), digest(Buffer.concat(sent)))
})

t.test('over TLS to the origin', async t => {
  const echo = ({ socket }: End) => void socket.on('message', data => socket.send(data))
  const origin = await startSocketOrigin(t, echo, { key, cert: certificate })
  const caFile = `${t.testdirName}/ca.pem`
  const config = testConfig(t, [origin.url], { originTls: { caFile, name: 'localhost' } })
  writeFileSync(caFile, certificate)
  const edge = await startEdge(t, config)
  const client = await openSocket(edge.port, '/')
  const message = noise(300_000)
  client.socket.send(message)
  await client.heard(1)
  t.equal(digest(client.messages[0] as Buffer), digest(message))
  client.socket.close(1_000)
  t.match(await origin.ends[0].over(), { code: 1_000 })
})

t.test('no room for what an origin does not read: both are told 1013', async t => {
  const limits = { uploadMemoryBytesMax: 1_000, spoolBytesMax: 3_000_000 }
  const { edge } = await socketStage(t, ({ socket }) => socket.pause(), {}, { limits })
  const client = await openSocket(edge.port, '/')
  for (let at = 0; at < 100; at += 1) client.socket.send(noise(200_000))
  t.same(await client.over(), { code: 1_013, reason: 'no-room' })
  await allOver(edge)
  t.match(accessLines(edge), [{ detail: 'no-room', completed: false }])
})

t.test('an origin that breaks the rules of frames: 1002 for it, 1011 for the client, one line', async t => {
  // The first frame in the same segment as the head, the second is masked.
  const frames = Buffer.from([0x81, 2, 0x68, 0x69, 0x81, 0x82, 1, 2, 3, 4, 0x68, 0x69])
  const origin = await startRawSocketOrigin(t, frames)
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = await openSocket(edge.port, '/')
  t.same(await client.over(), { code: 1_011, reason: 'bad-frame' })
  t.same(client.messages, ['hi'])
  await allOver(edge)
  t.match(
    edge.lines.filter(({ msg }) => msg === 'origin failed'),
    [{ code: 'bad-frame', cause: /masked/ }],
  )
})

t.test('a client that leaves before the 101, or speaks too early', async t => {
  const origin = await startRawOrigin(t, () => {})
  const edge = await startEdge(t, testConfig(t, [origin.url]))
  const client = connect(edge.port, '127.0.0.1')
  client.write(handshake())
  await until(() => origin.heads.length === 1)
  client.destroy()
  await edge.idle()
  const early = await connectRaw(edge.port)
  early.write(`${handshake()}\u0081\u0081`)
  await early.closed()
  await edge.idle()
  t.match(edge.counters(), { active: 0, clientAborts: 2, webSockets: 0 })
  t.equal((await get(edge.port, '/', { method: 'TRACE' })).status, 405, 'it goes on')
})

t.test('a client that asks for pongs and reads none is ended', async t => {
  const limits = { webSocketBufferBytesMax: 1_024 }
  const origin = await startRawSocketOrigin(t)
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { limits }))
  const client = await connectRaw(edge.port)
  client.write(handshake())
  await client.until('\r\n\r\n')
  client.socket.pause()
  const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125, 'x')])
  const pings = Buffer.concat(Array.from({ length: 500 }, () => ping))
  // More than all kernels keep on the way.
  for (let sent = 0; sent < 2_000 && edge.counters().webSocketsOpen === 1; sent += 1) {
    if (!client.socket.write(pings)) await new Promise(resolve => setTimeout(resolve, 1))
  }
  await allOver(edge)
  // On the engine node its library breaks it off.
  t.match(accessLines(edge), [{ detail: engine === 'node' ? 'client-left' : 'stalled', completed: false }])
  client.socket.destroy()
})

t.test('messages that cannot be spooled: one line that says why, and 1013', async t => {
  const limits = { uploadMemoryBytesMax: 1_000 }
  const origin = await startRawSocketOrigin(t, undefined, socket => void socket.pause())
  const edge = await startEdge(t, testConfig(t, [origin.url], {}, { limits }))
  rmSync(edge.config.run.directory, { recursive: true })
  const client = await openSocket(edge.port, '/')
  for (let at = 0; at < 400; at += 1) client.socket.send(noise(50_000))
  t.same(await client.over(), { code: 1_013, reason: 'no-room' })
  await allOver(edge)
  t.match(
    edge.lines.filter(({ msg }) => msg === 'edge failed'),
    [{ code: 'spool-failed', site: 'play' }],
  )
})

t.test('an origin that does not answer a Close is left after closeMs', async t => {
  let isClosed = false
  const origin = await startRawSocketOrigin(t, undefined, socket => {
    socket.on('close', () => {
      isClosed = true
    })
  })
  const edge = await startEdge(t, testConfig(t, [origin.url], { webSocket: { closeMs: 300 } }))
  const client = await openSocket(edge.port, '/')
  const beganMs = performance.now()
  client.socket.close(1_000)
  t.match(await client.over(), { code: 1_000 })
  await until(() => isClosed)
  t.ok(performance.now() - beganMs > 250, 'it had its time')
  t.match(edge.serving.originCounts(), [{ webSockets: 0 }])
})

t.test('a client that does not answer a Close is not connected for ever', onUws, async t => {
  const { origin, edge } = await socketStage(t)
  const client = await connectRaw(edge.port)
  client.write(handshake())
  await client.until('\r\n\r\n')
  origin.ends[0].socket.close(1_000)
  await client.closed()
  await until(() => edge.counters().connections === 0)
})

t.test('those that are over count as connections no more, whoever ended them', async t => {
  const { origin, edge } = await socketStage(t)
  for (const end of ['client', 'origin', 'neither']) {
    const client = await openSocket(edge.port, '/')
    if (end === 'client') client.socket.close(1_000)
    else if (end === 'origin') origin.ends.at(-1)!.socket.close(1_000)
    else client.socket.terminate()
    await client.over()
    await allOver(edge)
    await until(() => edge.counters().connections === 0)
  }
})
