// WebSockets by somebody else's implementation (ws): an origin that speaks them, and a client.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { startEdge, type TestEdge, testConfig } from './edge.js'
import { type RawOrigin, startRawOrigin } from './origin.js'
import { until } from './play.js'

export interface SocketOrigin {
  readonly url: string
  /** Of every handshake so far. */
  readonly asked: IncomingMessage[]
  /** Those that were opened, in their order. */
  readonly ends: End[]
}

/** One end of a WebSocket, and what it has heard. */
export interface End {
  readonly socket: WebSocket
  /** Texts as such, binary messages as buffers, in their order. */
  readonly messages: (string | Buffer)[]
  readonly pings: string[]
  readonly pongs: string[]
  /** Code and reason of the Close, once it is over. */
  closed: { code: number; reason: string } | undefined
  heard(count: number): Promise<void>
  over(): Promise<{ code: number; reason: string }>
}

/** `script` gets each end when it is opened. Of the subprotocols offered it takes `chat`, if that is there. */
export async function startSocketOrigin(
  t: Test,
  script: (end: End) => void = () => {},
  tls?: { key: string; cert: string },
): Promise<SocketOrigin> {
  const asked: IncomingMessage[] = []
  const ends: End[] = []
  const answer: RequestListener = (_, response) => void response.writeHead(404).end('no such page')
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: true,
    handleProtocols: offered => (offered.has('chat') ? 'chat' : false),
  })
  sockets.on('headers', headers => void headers.push('X-Origin: here', 'Set-Cookie: a=1', 'Set-Cookie: b=2'))
  sockets.on('connection', (socket, request) => {
    asked.push(request)
    const end = endOf(socket)
    ends.push(end)
    script(end)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    return new Promise<void>(resolve => server.close(() => resolve()))
  })
  const scheme = tls === undefined ? 'http' : 'https'
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, ends }
}

export interface Opened extends End {
  /** Of the 101. */
  readonly response: IncomingMessage
}

/** Rejects with the status when the answer is no 101. */
export async function openSocket(
  port: number,
  target: string,
  more: { protocols?: string[]; headers?: Record<string, string> } = {},
): Promise<Opened> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, more.protocols ?? [], {
    headers: more.headers,
  })
  const end = endOf(socket)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    let upgraded: IncomingMessage | undefined
    socket.on('upgrade', answer => {
      upgraded = answer
    })
    socket.on('open', () => resolve(upgraded!))
    socket.on('unexpected-response', (_, answer) => reject(new Error(`status ${answer.statusCode}`)))
    socket.on('error', reject)
  })
  return Object.assign(end, { response })
}

function endOf(socket: WebSocket): End {
  const end: End = {
    socket,
    messages: [],
    pings: [],
    pongs: [],
    closed: undefined,
    heard: count => until(() => end.messages.length >= count),
    over: async () => {
      await until(() => end.closed !== undefined)
      return end.closed!
    },
  }
  socket.on('message', (data, isBinary) => end.messages.push(isBinary ? (data as Buffer) : String(data)))
  socket.on('ping', data => end.pings.push(String(data)))
  socket.on('pong', data => end.pongs.push(String(data)))
  socket.on('close', (code, reason) => {
    end.closed = { code, reason: String(reason) }
  })
  socket.on('error', () => {})
  return end
}

type Json = Record<string, unknown>

/** An edge in front of an origin that speaks WebSockets. */
export async function socketStage(
  t: Test,
  script: (end: End) => void = () => {},
  site: Json = {},
  more: Json = {},
): Promise<{ origin: SocketOrigin; edge: TestEdge }> {
  const origin = await startSocketOrigin(t, script)
  return { origin, edge: await startEdge(t, testConfig(t, [origin.url], site, more)) }
}

/** The request of a client, to be written by hand. */
export const handshake = (more = '', version = '13') =>
  `GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: ${version}\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`

/** Resolves when none is open, and all of it is counted and logged. */
export async function allOver(edge: TestEdge): Promise<void> {
  try {
    await until(() => edge.counters().webSocketsOpen === 0)
  } catch (error) {
    const state = JSON.stringify({ counters: edge.counters(), lines: edge.lines.slice(-5) })
    throw new Error(`${(error as Error).message}\n${state}`)
  }
}

/** An origin that accepts a WebSocket, says `frames` together with the 101, and reads without a word. */
export function startRawSocketOrigin(
  t: Test,
  frames = Buffer.alloc(0),
  onOpen: (socket: Socket) => void = () => {},
): Promise<RawOrigin> {
  return startRawOrigin(t, (socket, head) => {
    const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(head)?.[1]
    if (key === undefined) return
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const fields = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`
    onOpen(socket)
    socket.write(Buffer.concat([Buffer.from(`HTTP/1.1 101 Go\r\n${fields}\r\n`), frames]))
  })
}
