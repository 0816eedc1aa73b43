// The last answer of a connection, to clients that read slowly: every byte, and then the end of the connection. What is
// lost when the connection is closed too early is what the engine itself still holds, and it says so only at the next
// write: so the bodies here end where the kernel takes no more.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Responder } from '../../respond/responder.js'
import { until } from '../support/play.js'
import { bytesOf, type ContractPlay, contractPlay, headOf } from './contract-play.js'
import { startUws } from './engines.js'

/** More than engine and kernel hold on both sides. */
const bodyBytesMax = 40_000_000
/** As the engine is given it at once. */
const sliceBytes = 16_000
/** What the kernel holds differs from time to time by about so much. */
const capacityVaries = 110_000
const body = bytesOf(bodyBytesMax)

interface Pouring {
  responder: Responder
  /** So much was taken. */
  at: number
  waits: number
}

/** Offers so much of the body as a pour does: what is not taken is offered again. */
function pour(responder: Responder, bytes: number, pieceBytes = sliceBytes, endLaterMs = 0): Pouring {
  const pouring = { responder, at: 0, waits: 0 }
  const go = (): void => {
    while (pouring.at < bytes) {
      const piece = body.subarray(pouring.at, Math.min(pouring.at + pieceBytes, bytes))
      const taken = responder.offer(piece)
      pouring.at += taken
      if (taken === piece.length) continue
      pouring.waits += 1
      return
    }
    if (responder.state !== 'streaming') return
    if (endLaterMs === 0) responder.end()
    else setTimeout(() => responder.end(), endLaterMs)
  }
  responder.onDrain = go
  go()
  return pouring
}

/** A client that has asked for the last time and reads nothing. */
async function slowSocket(t: Test, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  return socket
}

interface Received {
  body: Buffer
  /** The end of the body was there (RFC 9112 7.1), or all bytes that were promised. */
  isWhole: boolean
  closed: 'cleanly' | 'broken' | 'by the client'
}

/** The end of a chunked body behind which the connection closes. */
const lastBytes = '\r\n0\r\nX-Last: 1\r\n\r\n'

/** Nothing takes so long but what never comes, on a machine however busy. */
const limitMs = 60_000

function endsWith(chunks: readonly Buffer[], text: string): boolean {
  return Buffer.concat(chunks.slice(-text.length)).toString('latin1').endsWith(text)
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}

/**
 * All that comes until the server ends the connection, taken in pieces with turns of the loop between them. A client
 * that `isPolite` closes when it has all; the server waits a while for that.
 */
async function readSlowly(socket: Socket, pieceBytes: number, isPolite = false): Promise<Received> {
  const chunks: Buffer[] = []
  let closed: Received['closed'] | undefined
  socket.once('end', () => {
    closed = 'cleanly'
  })
  socket.once('error', () => {
    closed ??= 'broken'
  })
  socket.on('readable', () => {})
  const endMs = performance.now() + limitMs
  while (closed === undefined) {
    if (performance.now() > endMs) throw new Error(`not closed behind ${sizeOf(chunks)} bytes`)
    const chunk = socket.read(Math.max(Math.min(pieceBytes, socket.readableLength), 1)) as Buffer | null
    if (chunk === null) {
      if (isPolite && endsWith(chunks, lastBytes)) closed = 'by the client'
      await new Promise(setImmediate)
    } else chunks.push(chunk)
  }
  socket.destroy()
  return { ...parse(Buffer.concat(chunks)), closed }
}

function parse(received: Buffer): Pick<Received, 'body' | 'isWhole'> {
  const headEnd = received.indexOf('\r\n\r\n') + 4
  const head = received.toString('latin1', 0, headEnd)
  const length = /\r\ncontent-length: (\d+)/i.exec(head)
  if (length !== null) {
    const rest = received.subarray(headEnd)
    return { body: rest, isWhole: rest.length === Number(length[1]) }
  }
  const parts: Buffer[] = []
  for (let at = headEnd; ; ) {
    const lineEnd = received.indexOf('\r\n', at)
    const size = lineEnd < 0 ? 0 : Number.parseInt(received.toString('latin1', at, lineEnd), 16)
    // Also where there is no such number.
    if (!(size > 0)) {
      const isWhole = size === 0 && lineEnd >= 0 && received.subarray(-4).toString('latin1') === '\r\n\r\n'
      return { body: Buffer.concat(parts), isWhole }
    }
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}

/** Every request is answered with as much of the body as `next` says, and its connection is closed. */
async function stageOf(t: Test, isKnown: boolean, endLaterMs = 0) {
  const next = { bytes: bodyBytesMax, pieceBytes: sliceBytes }
  let pouring: Pouring | undefined
  const play: ContractPlay = await contractPlay(t, startUws, responder => {
    responder.closeAfter = true
    responder.open(headOf(200), isKnown ? next.bytes : undefined)
    // Within the accepting call the engine writes at once, and knows what it still holds.
    setImmediate(() => {
      pouring = pour(responder, next.bytes, next.pieceBytes, endLaterMs)
    })
  })
  const ask = async (bytes: number, pieceBytes = sliceBytes) => {
    Object.assign(next, { bytes, pieceBytes })
    pouring = undefined
    const socket = await slowSocket(t, play.port)
    await until(() => pouring !== undefined)
    return { socket, pouring: pouring as unknown as Pouring }
  }
  return { play, ask }
}

for (const [isKnown, endLaterMs] of [
  [false, 0],
  // The last byte has gone by itself then: see `lastByteMs`.
  [false, 100],
  [true, 0],
] as const) {
  const form = `${isKnown ? 'known' : 'chunked'}${endLaterMs > 0 ? ', its end later' : ''}`

  t.test(`${form}: a body that ends where the kernel is full is whole`, async t => {
    const { play, ask } = await stageOf(t, isKnown, endLaterMs)
    const { socket, pouring } = await ask(bodyBytesMax)
    await until(() => pouring.waits > 0)
    const capacity = pouring.at
    socket.destroy()
    t.comment(`${capacity} bytes are taken of who reads nothing`)
    let held = 0
    for (let bytes = capacity - capacityVaries; bytes < capacity + 2 * sliceBytes; bytes += 8_009) {
      const { socket, pouring } = await ask(bytes)
      if (pouring.responder.state === 'streaming') held += 1
      const got = await readSlowly(socket, 65_536, true)
      if (!got.body.equals(body.subarray(0, bytes)) || !got.isWhole || got.closed === 'broken') {
        t.fail(`${got.body.length} of ${bytes} bytes, closed ${got.closed}`)
      }
    }
    t.ok(held > 0, `${held} had to wait for their client`)
    await until(() => play.ends.length > 1 && play.stalled.used === 0)
  })

  for (const [pieceBytes, readBytes] of [
    [1_000, 65_536],
    [65_536, 3_000],
    [70_000, 500_000],
  ]) {
    t.test(`${form}: 12 MB in pieces of ${pieceBytes}, taken by ${readBytes} bytes`, async t => {
      const { play, ask } = await stageOf(t, isKnown, endLaterMs)
      const { socket, pouring } = await ask(12_000_000, pieceBytes)
      await until(() => pouring.waits > 0)
      // Who does not close himself waits for it longer then.
      const got = await readSlowly(socket, readBytes, endLaterMs > 0)
      t.ok(got.body.equals(body.subarray(0, 12_000_000)))
      t.match(got, { isWhole: true, closed: endLaterMs > 0 ? 'by the client' : 'cleanly' })
      t.strictSame(play.ends, [true])
    })
  }
}
