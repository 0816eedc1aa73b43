// Plays: bodies that nobody here has to see go from the origin's connection to the client's within the kernel. Whoever reads
// them, however they come and whatever breaks, gets the same as when they are read here.
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { knownHeads } from '../../accept/engine.js'
import { UwsResponder } from '../../respond/write.js'
import { connectRaw, get, type Reply, type Request } from '../support/client.js'
import { engine, startEdge, type TestEdge, testConfig } from '../support/edge.js'
import { startRawOrigin } from '../support/origin.js'
import { accessLines, digest, noise, until } from '../support/play.js'

/** Where the engine is not known they are read, and all else must be the same. */
const isPassing = knownHeads() !== undefined && engine === 'uws'

interface Stage {
  edge: TestEdge
  heads: string[]
  ask(target: string, asked?: Request): Promise<Reply>
  /** Bytes that nobody here has seen, since the last time. */
  passedBytes(): number
}

type Script = (socket: Socket, target: string) => void

async function stage(t: Test, script: Script, site: Record<string, unknown> = {}): Promise<Stage> {
  const origin = await startRawOrigin(t, (socket, head) => script(socket, head.split(' ')[1]!))
  const edge = await startEdge(t, testConfig(t, [origin.url], site))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const calls = t.capture(UwsResponder.prototype, 'passed', UwsResponder.prototype.passed)
  return {
    edge,
    heads: origin.heads,
    ask: (target, asked) => get(edge.port, target, { agent, ...asked }),
    passedBytes: () => calls().reduce((sum, { args: [bytes] }) => sum + bytes, 0),
  }
}

const headOf = (bytes: number, lines = ''): string =>
  `HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n${lines}Content-Length: ${bytes}\r\n\r\n`

/** The number at the end of the target says how long. */
const bytesOf = (target: string): number => Number(target.split('/').at(-1))

const body = noise(9_000_000)

const whole: Script = (socket, target) => {
  const bytes = bytesOf(target)
  socket.write(Buffer.concat([Buffer.from(headOf(bytes)), body.subarray(0, bytes)]))
}

function isRight(t: Test, reply: Reply, bytes: number): void {
  t.equal(reply.body.length, bytes)
  t.equal(digest(reply.body), digest(body.subarray(0, bytes)), `${bytes} bytes`)
}

t.test('of every length, one behind the other over the same connections', async t => {
  const { edge, ask, heads, passedBytes } = await stage(t, whole)
  const lengths = [0, 1, 12_000, 12_288, 20_000, 30_000, 65_536, 131_072, 131_073, 1_048_576, 8_999_999]
  for (const bytes of [...lengths, ...lengths.reverse()]) isRight(t, await ask(`/${bytes}`), bytes)
  const passed = passedBytes()
  t.ok(!isPassing || passed > 5_000_000, `${passed} bytes`)
  t.ok(isPassing || passed === 0)
  await edge.idle()
  t.strictSame(
    accessLines(edge).map(({ bytesOut, completed }) => [bytesOut, completed]),
    heads.map(head => [bytesOf(head.split(' ')[1]!), true]),
  )
  t.match(edge.counters(), { originRequests: 22, results: { miss: 22 }, cacheEntries: 0 })
})

t.test('what comes in pieces, with time between them', async t => {
  const script: Script = (socket, target) => {
    const bytes = bytesOf(target)
    socket.setNoDelay(true)
    socket.write(headOf(bytes))
    let at = 0
    const more = (): void => {
      const end = Math.min(bytes, at + 1 + ((at * 7919) % 70_000))
      socket.write(body.subarray(at, end), () => {
        at = end
        if (at < bytes) setImmediate(more)
      })
    }
    more()
  }
  const { ask } = await stage(t, script)
  for (const bytes of [100_000, 700_000, 250_000]) isRight(t, await ask(`/${bytes}`), bytes)
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, at) => ask(`/${at}/${300_000 + at}`, { agent: new Agent() })),
  )
  for (const [at, reply] of all.entries()) isRight(t, reply, 300_000 + at)
})

/** Reads nothing until it is resumed; then the whole answer. */
function slowClient(t: Test, port: number, target: string): { socket: Socket; body: Promise<Buffer> } {
  const socket = connect({ port, host: '127.0.0.1' }).pause()
  t.teardown(() => socket.destroy())
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
  const read = async (): Promise<Buffer> => {
    const pieces: Buffer[] = []
    let [bytes, end] = [0, Number.POSITIVE_INFINITY]
    for await (const piece of socket as AsyncIterable<Buffer>) {
      pieces.push(piece)
      bytes += piece.length
      const headBytes = pieces[0]!.indexOf('\r\n\r\n') + 4
      end = headBytes + bytesOf(target)
      if (bytes >= end) return Buffer.concat(pieces).subarray(headBytes)
      if (pieces.length % 7 === 0) await new Promise(setImmediate)
    }
    throw new Error(`${bytes} of ${end} bytes`)
  }
  return {
    socket,
    get body() {
      return read()
    },
  }
}

t.test('who reads slowly gets every byte, what is behind it too', async t => {
  const far: Socket[] = []
  const { edge, passedBytes } = await stage(t, (socket, target) => {
    far.push(socket)
    whole(socket, target)
  })
  await get(edge.port, '/20000')
  const clients = Array.from({ length: 8 }, (_, at) => slowClient(t, edge.port, `/${8_900_000 + at}`))
  // Until nobody takes any more of any of them.
  const unsent = () => far.reduce((sum, { writableLength }) => sum + writableLength, 0)
  let [before, since] = [-1, performance.now()]
  await until(() => {
    if (unsent() !== before) since = performance.now()
    before = unsent()
    return far.length > 8 && performance.now() - since > 200
  })
  for (const [at, client] of clients.entries()) {
    const got = await client.body
    t.equal(got.length, 8_900_000 + at)
    t.equal(digest(got), digest(body.subarray(0, 8_900_000 + at)))
    client.socket.destroy()
  }
  t.ok(!isPassing || passedBytes() > 1_000_000)
  await edge.idle()
})

/** So much of the body, and then `after`. */
const partly =
  (after: (socket: Socket) => void, share = 0.7): Script =>
  (socket, target) => {
    const bytes = bytesOf(target)
    if (bytes <= 20_000) return whole(socket, target)
    socket.write(Buffer.concat([Buffer.from(headOf(bytes)), body.subarray(0, bytes * share)]), () =>
      after(socket),
    )
  }

for (const [how, after] of [
  ['closes', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
] as const) {
  t.test(`nobody takes a body for whole whose origin ${how} the connection in the middle`, async t => {
    const { edge, ask } = await stage(
      t,
      partly(socket => void setTimeout(() => after(socket), 20)),
    )
    isRight(t, await ask('/20000'), 20_000)
    for (let turn = 0; turn < 3; turn += 1) await t.rejects(ask('/700000'))
    isRight(t, await ask('/20000'), 20_000)
    await edge.idle()
    t.strictSame(
      accessLines(edge).map(({ completed }) => completed),
      [true, false, false, false, true],
    )
    t.equal(edge.lines.filter(({ msg }) => msg === 'origin failed').length, 3)
  })
}

t.test('a client that leaves in the middle takes its connection to the origin with it', async t => {
  let gone = 0
  const { edge, ask } = await stage(
    t,
    partly(socket => void socket.once('close', () => (gone += 1))),
    // Of who might be followed it is not seen (Responder.hold).
    { cache: { collapse: false } },
  )
  isRight(t, await ask('/20000'), 20_000)
  for (let turn = 1; turn <= 3; turn += 1) {
    const client = await connectRaw(edge.port)
    client.write('GET /700000 HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => client.received().length > 400_000)
    client.socket.resetAndDestroy()
    await until(() => gone === turn)
  }
  isRight(t, await ask('/20000'), 20_000)
  await edge.idle()
})

t.test('what comes behind a body belongs to nobody', async t => {
  const { ask, heads, edge } = await stage(t, (socket, target) => {
    const bytes = bytesOf(target)
    const surplus = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad'
    socket.write(Buffer.concat([Buffer.from(headOf(bytes)), body.subarray(0, bytes), Buffer.from(surplus)]))
  })
  for (let turn = 0; turn < 4; turn += 1) isRight(t, await ask('/400000'), 400_000)
  t.equal(heads.length, 4)
  await edge.idle()
})

t.test('who is told that the connection closes is read for', async t => {
  const { ask, passedBytes } = await stage(t, whole)
  for (let turn = 0; turn < 3; turn += 1)
    isRight(t, await ask('/500000', { headers: { connection: 'close' }, agent: new Agent() }), 500_000)
  t.equal(passedBytes(), 0)
})

t.test('what is stored is read', async t => {
  const { ask, passedBytes } = await stage(t, (socket, target) => {
    const bytes = bytesOf(target)
    const head = `HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: ${bytes}\r\n\r\n`
    socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, bytes)]))
  })
  for (const bytes of [300_000, 300_001, 300_000, 300_001]) isRight(t, await ask(`/${bytes}`), bytes)
  t.equal(passedBytes(), 0)
})
