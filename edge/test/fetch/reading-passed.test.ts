// What of a connection goes on to a client of the engine without being read: as much as the client takes, what it leaves, and
// what breaks.

import type { HttpResponse } from 'uWebSockets.js'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { descriptorOf, openSocket } from '../../fetch/open-socket.js'
import type { Outlet } from '../../fetch/outlet.js'
import { Reading } from '../../fetch/reading.js'
import { engine, heads } from '../support/both-readers.js'
import { startRawOrigin } from '../support/origin.js'
import { noise, until } from '../support/play.js'

const skip = heads === undefined ? 'the addon for this engine was not built' : false

interface Stage {
  reading: Reading
  /** Of the origin. */
  far: Socket
  client: Socket
  outlet: Outlet & { response: HttpResponse; passedBytes: number }
  /** What was read. */
  read: Buffer[]
  /** What the client did not take, and codes of errors. */
  left: (Buffer | string)[]
  pass(bytes?: number): number
}

const firstBytes = 3
const bodyBytes = 1_000_000_000

/** An answer that has begun with three bytes, on a connection whose client reads nothing. */
async function answer(t: Test): Promise<[HttpResponse, Socket]> {
  let response: HttpResponse | undefined
  const app = engine.App().any('/*', begun => {
    begun.onAborted(() => {})
    response = begun
  })
  const port = await new Promise<number>(resolve => {
    app.listen('127.0.0.1', 0, token => resolve(engine.us_socket_local_port(token as object)))
  })
  const client = connect(port, '127.0.0.1').pause()
  t.teardown(() => {
    client.destroy()
    app.close()
  })
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => response !== undefined)
  response!.cork(() => void response!.tryEnd('abc', bodyBytes))
  return [response!, client]
}

async function stage(t: Test): Promise<Stage> {
  let far: Socket | undefined
  const origin = await startRawOrigin(t, socket => {
    far = socket
  })
  const [read, left]: [Buffer[], (Buffer | string)[]] = [[], []]
  const user = {
    onBytes: (bytes: Buffer) => void read.push(Buffer.from(bytes)),
    onBody: (bytes: Buffer) => void left.push(Buffer.from(bytes)),
    onBytesEnd: (error?: Error) =>
      void left.push((error as NodeJS.ErrnoException | undefined)?.code ?? 'end'),
  }
  const { hostname: host, port } = new URL(origin.url)
  const rest = { tlsName: undefined, ca: undefined, addresses: undefined }
  const near = openSocket({ isTls: false, host, port: Number(port), connectMs: 5_000, ...rest }, user.onBytes)
  const reading = new Reading(near)
  await once(near, 'connect', { signal: AbortSignal.timeout(5_000) })
  reading.begin(descriptorOf(near), user)
  near.write('GET / HTTP/1.1\r\n\r\n')
  await until(() => far !== undefined)
  t.teardown(() => {
    reading.stop()
    near.destroy()
  })
  const [response, client] = await answer(t)
  const outlet = {
    ...{ response, isFree: true, passedBytes: 0 },
    passed(bytes: number): void {
      outlet.passedBytes += bytes
    },
  }
  // Nothing is read meanwhile.
  const pass = (bytes = 400_000) => {
    reading.resume()
    const came = reading.passOn(outlet, bytes, user)
    reading.pause()
    return came
  }
  return { reading, far: far!, client, outlet, read, left, pass }
}

/** The body so far, without the head. */
async function received(client: Socket, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  const whole = () => {
    const all = Buffer.concat(pieces)
    return all.subarray(all.indexOf('\r\n\r\n') + 4)
  }
  client.on('data', piece => pieces.push(piece))
  client.resume()
  await until(() => whole().length >= bytes)
  return whole()
}

/** The origin sends `body`, of which a read leaves the rest where it is. How many bytes of it were read. */
async function readFirst({ reading, far, outlet, read }: Stage, body: Buffer): Promise<number> {
  reading.expect(outlet)
  far.write(body)
  await until(() => read.length > 0)
  reading.pause()
  return read.reduce((sum, { length }) => sum + length, 0)
}

t.test('what is there goes on, what comes later is read', { skip }, async t => {
  const all = await stage(t)
  const { client, outlet, read, left, pass } = all
  const body = noise(300_000)
  const at = await readFirst(all, body)
  t.ok(at <= 12_288 * read.length, `${at} bytes are read`)
  let passed = 0
  await until(() => {
    passed += pass(body.length - at - passed)
    return passed + at > 250_000
  })
  t.equal(passed, outlet.passedBytes)
  t.strictSame(left, [])
  const got = await received(client, firstBytes + passed)
  t.ok(got.subarray(firstBytes).equals(body.subarray(at, at + passed)))
})

t.test(
  'what the client does not take is handed over, once, and nothing goes on behind it',
  { skip },
  async t => {
    const all = await stage(t)
    const { client, outlet, left, pass } = all
    const body = noise(40_000_000)
    const at = await readFirst(all, body)
    let came = 0
    await until(() => {
      came += pass()
      return left.length > 0
    })
    const [rest] = left as [Buffer]
    t.ok(rest.length > 0 && rest.length <= 131_072)
    t.equal(came, outlet.passedBytes + rest.length)
    t.ok(rest.equals(body.subarray(at + outlet.passedBytes, at + came)))
    // Until the engine has something to send.
    await until(() => {
      let isTaken = true
      outlet.response.cork(() => {
        isTaken = outlet.response.tryEnd(rest, bodyBytes)[0]
      })
      return !isTaken
    })
    const before = outlet.passedBytes
    for (let turn = 0; turn < 3; turn += 1) t.equal(pass(), 0)
    t.equal(left.length, 1)
    t.equal(outlet.passedBytes, before)
    const got = await received(client, firstBytes + before)
    t.ok(got.subarray(firstBytes, firstBytes + before).equals(body.subarray(at, at + before)))
  },
)

t.test('nothing goes on where that is not possible, or not worth it', { skip }, async t => {
  const { reading, far, outlet, read, left, pass } = await stage(t)
  reading.expect(outlet)
  far.write(noise(200_000))
  await until(() => read.length > 0)
  t.equal(pass(100), 0, 'so little')
  t.equal(reading.passOn({ ...outlet, isFree: false }, 100_000, reading as never), 0, 'it is not free')
  t.equal(
    reading.passOn({ ...outlet, response: {} }, 100_000, reading as never),
    0,
    'no answer of the engine',
  )
  reading.pause()
  t.equal(reading.passOn(outlet, 100_000, reading as never), 0, 'nobody wants more now')
  outlet.response.close()
  t.equal(pass(), 0, 'the client is gone')
  reading.stop()
  t.equal(pass(), 0, 'the connection is given up')
  t.equal(outlet.passedBytes, 0)
  t.strictSame(left, [])
})

t.test('who breaks the connection is heard of', { skip }, async t => {
  const { reading, far, outlet, read, left, pass } = await stage(t)
  reading.expect(outlet)
  far.write('abc')
  await until(() => read.length > 0)
  reading.pause()
  far.resetAndDestroy()
  await until(() => pass() === 0 && left.length > 0)
  t.strictSame(left, ['ECONNRESET'])
})
