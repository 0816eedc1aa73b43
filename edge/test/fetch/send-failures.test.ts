// What fetch/send makes of origins that are slow, leave or are not there, and of a receiver that is slow or leaves.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { send } from '../../fetch/send.js'
import { asking, Noted, originAt, saying, sent, uploadOf } from '../support/answers.js'
import { startOrigin, startRawOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

const begun = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab'

const timeouts: [row: string, bytes: string, limits: Record<string, number>, events: string[]][] = [
  ['no answer', '', { firstByteMs: 50 }, ['error first-byte-timeout']],
  ['half a head', 'HTTP/1.1 200 OK\r\nX: ', { firstByteMs: 50 }, ['error first-byte-timeout']],
  ['half a body', begun, { betweenBytesMs: 50 }, ['head', 'body', 'error between-bytes-timeout']],
  ['no body', begun.slice(0, -2), { betweenBytesMs: 50 }, ['head', 'error between-bytes-timeout']],
]
for (const [row, bytes, limits, events] of timeouts) {
  t.test(`send() gives up on ${row}`, async t => {
    const origin = await saying(t, bytes, { timeouts: limits })
    const noted = await sent(origin)
    t.strictSame(noted.events, events)
    t.match(noted.error, { status: 504, source: 'origin', retry: false })
    t.equal(origin.active, 0)
  })
}

for (const [row, bytes, events] of [
  ['before the head', '', ['error total-timeout']],
  ['in the body', begun, ['head', 'body', 'error total-timeout']],
] as const) {
  t.test(`send() ends an exchange that takes too long: ${row}`, async t => {
    let closed = 0
    const raw = await startRawOrigin(t, socket => {
      socket.on('close', () => {
        closed += 1
      })
      socket.write(bytes)
    })
    const origin = originAt(t, raw.url)
    const noted = await sent(origin, { totalMs: 2_000 })
    t.strictSame(noted.events, events)
    t.match(noted.error, { code: 'total-timeout', status: 504 })
    await until(() => (closed === 1 ? true : undefined))
    t.equal(origin.active, 0)
  })
}

t.test('send() gives up on an origin that takes no connection', async t => {
  const origin = originAt(t, await fullBacklog(t), { connectMs: 50 })
  const noted = await sent(origin)
  t.match(noted.error, { code: 'connect-timeout', status: 504, retry: true })
  t.equal(origin.active, 0)
})

/** An address where connections are neither taken nor refused: its queue is full and its owner never looks. */
async function fullBacklog(t: Test): Promise<string> {
  const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('fs').writeSync(1, String(this.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  })`
  const owner = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = await once(owner.stdout, 'data')
  const waiting = Array.from({ length: 4 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}))
  t.teardown(async () => {
    for (const socket of waiting) socket.destroy()
    owner.kill('SIGKILL')
    await once(owner, 'exit')
  })
  await Promise.race(waiting.map(socket => once(socket, 'connect')))
  return `http://127.0.0.1:${port}`
}

t.test('send() says that nobody listens', async t => {
  const origin = await startOrigin(t, () => {})
  await origin.stop()
  const noted = await sent(originAt(t, origin.url))
  t.strictSame(noted.events, ['error connect-refused'])
  t.match(noted.error, { status: 502, retry: true })
})

const leaving: [row: string, bytes: string, leave: (socket: Socket) => void, events: string[]][] = [
  ['reset before the head', '', socket => socket.resetAndDestroy(), ['error origin-reset']],
  ['closed before the head', '', socket => socket.end(), ['error origin-closed']],
  ['closed in the head', 'HTTP/1.1 200 OK\r\nX: ', socket => socket.end(), ['error origin-closed']],
  [
    'reset in the body',
    begun,
    socket => setTimeout(() => socket.resetAndDestroy(), 20),
    ['head', 'body', 'error origin-reset'],
  ],
  ['RFC 9112 8 short body', begun, socket => socket.end(), ['head', 'body', 'error short-body']],
  [
    'RFC 9112 8 chunked without its end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n',
    socket => socket.end(),
    ['head', 'body', 'error short-body'],
  ],
]
for (const [row, bytes, leave, events] of leaving) {
  t.test(`send() ${row}`, async t => {
    const raw = await startRawOrigin(t, socket => {
      if (bytes !== '') socket.write(bytes)
      leave(socket)
    })
    const origin = originAt(t, raw.url)
    const noted = await sent(origin)
    t.strictSame(noted.events, events)
    t.match(noted.error, { status: 502, source: 'origin' })
    t.equal(origin.active, 0)
  })
}

t.test('send() lets the receiver pause and go on, however long that takes', async t => {
  const body = Buffer.alloc(2_000_000, 'b')
  const origin = await startOrigin(t, (_, response) => response.end(body))
  const noted = new Noted()
  noted.pausesAt = 1
  const sending = send(originAt(t, origin.url, { betweenBytesMs: 1_000 }), asking(), noted)
  await until(() => (noted.chunks.length > 0 ? true : undefined))
  // Longer than the origin may pause: it is not the origin that is slow.
  await pause(1_500)
  t.equal(noted.chunks.length, 1)
  noted.pausesAt = Number.POSITIVE_INFINITY
  sending.resume()
  await noted.ended
  t.strictSame(noted.events, ['head', 'body', 'end'])
  t.equal(noted.body.length, body.length)
})

t.test('abort() before the connection stands gives no event, and its place is free', async t => {
  const held: Socket[] = []
  const raw = await startRawOrigin(t, socket => held.push(socket))
  const origin = originAt(t, raw.url, {}, { originConnectionsMax: 1, originPendingMax: 1 })
  const first = new Noted()
  send(origin, asking(), first)
  await until(() => held[0])
  const waiting = new Noted()
  const sending = send(origin, asking(), waiting)
  t.notOk(origin.hasRoom())
  sending.abort()
  t.ok(origin.hasRoom(), 'it waits no more')
  held[0].write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
  await first.ended
  await until(() => (origin.active === 0 ? true : undefined))
  t.strictSame(waiting.events, [])
  t.equal(raw.heads.length, 1, 'it was never sent')
})

for (const [row, bytes] of [
  ['before the head', ''],
  ['after the head', begun],
]) {
  t.test(`abort() ${row} gives no further event and ends the connection`, async t => {
    let closed = 0
    let socket: Socket | undefined
    const raw = await startRawOrigin(t, asked => {
      socket = asked
      asked.on('close', () => {
        closed += 1
      })
      asked.write(bytes)
    })
    const origin = originAt(t, raw.url)
    const noted = new Noted()
    const sending = send(origin, asking(), noted)
    await until(() => (socket !== undefined && (bytes === '' || noted.chunks.length > 0) ? true : undefined))
    const before = [...noted.events]
    sending.abort()
    sending.abort()
    sending.resume()
    socket?.write(bytes === '' ? begun : 'cde')
    await until(() => (closed === 1 ? true : undefined))
    t.strictSame(noted.events, before)
    t.equal(origin.active, 0)
  })
}

t.test('abort() ends an upload too', async t => {
  const origin = await startOrigin(t, () => {})
  const upload = uploadOf(t)
  upload.receive(new Uint8Array(3).buffer, false)
  const sending = send(
    originAt(t, origin.url),
    asking({ method: 'POST', body: upload, bodyBytes: 6 }),
    new Noted(),
  )
  await until(() => origin.asked[0])
  sending.abort()
  await until(() => (upload.destroyed ? true : undefined))
})

t.test('send() refuses what a client may not send', async t => {
  const origin = await startOrigin(t, (_, response) => response.end())
  const noted = await sent(originAt(t, origin.url), { fields: ['Host', 'a', 'X', 'a\x7fb'] })
  t.strictSame(noted.events, ['error request'])
  t.match(noted.error, { status: 400, source: 'client' })
  t.equal(origin.asked.length, 0)
})
