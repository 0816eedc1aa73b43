// The client's end of a WebSocket on Node's own server. The protocol is the library's (ws): what a client may say, its
// limits, its closing handshake.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Piece } from '../fetch/web-socket/frame-reader.js'
import type { Acceptance, ClientSocket, ClientSocketUser } from './client-socket.js'

/** A handshake whose connection Node has given away: what is needed to answer it one way or the other. */
export interface Handshake {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Duplex
  /** `limits.webSocketMessageBytesMax`. */
  readonly messageBytesMax: number
  /** Nobody else looks at the connection any more. */
  release(): void
}

/** Answers 101 with `fields` (flat), and gives `user` the client's end. */
export function acceptHandshake(
  { request, response, socket, messageBytesMax, release }: Handshake,
  fields: readonly string[],
  { protocol }: Acceptance,
  user: ClientSocketUser,
): void {
  release()
  response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0])
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: messageBytesMax,
    // Extensions are between two ends of one connection, and none is agreed on.
    perMessageDeflate: false,
    handleProtocols: () => (protocol === '' ? false : protocol),
  })
  server.on('headers', lines => {
    for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at]}: ${fields[at + 1]}`)
  })
  server.handleUpgrade(request, socket, Buffer.alloc(0), webSocket => attach(webSocket, socket, user))
}

function attach(webSocket: WebSocket, socket: Duplex, user: ClientSocketUser): void {
  const own = new NodeSocket(webSocket, socket)
  const unless = (tell: () => void): void => {
    if (!own.isOver) tell()
  }
  let word = ''
  webSocket.on('message', (data: Buffer, isBinary) => unless(() => user.onMessage(data, isBinary)))
  webSocket.on('ping', (payload: Buffer) => unless(() => user.onClientPing(payload)))
  webSocket.on('pong', (payload: Buffer) => unless(() => user.onClientPong(payload)))
  socket.on('drain', () => unless(() => user.onClientDrain()))
  webSocket.on('error', (error: NodeJS.ErrnoException) => {
    word = wordOf(error)
  })
  webSocket.on('close', (code: number, reason: Buffer) => {
    const isOver = own.isOver
    own.lose()
    if (isOver) return
    // The library closes with a code of its own what it cannot read.
    if (word === '') user.onClientClose(code, reason)
    else user.onClientClose(1006, Buffer.from(word))
  })
  user.onOpen(own)
}

/** As the other engine says it. */
function wordOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'too big'
  return code === 'WS_ERR_INVALID_UTF8' ? 'no UTF-8' : message
}

/** Node's own types want a whole buffer: a view lives no longer than the call. */
function copyOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes)
}

class NodeSocket implements ClientSocket {
  isOver = false
  readonly #webSocket: WebSocket
  readonly #socket: Duplex

  constructor(webSocket: WebSocket, socket: Duplex) {
    this.#webSocket = webSocket
    this.#socket = socket
  }

  get waitingBytes(): number {
    return this.isOver ? 0 : this.#webSocket.bufferedAmount
  }

  send(piece: Uint8Array, { isBinary, isLast }: Piece): void {
    if (!this.isOver) this.#webSocket.send(copyOf(piece), { binary: isBinary, fin: isLast })
  }

  ping(payload: Uint8Array): void {
    if (!this.isOver) this.#webSocket.ping(copyOf(payload))
  }

  cork(write: () => void): void {
    this.#socket.cork()
    write()
    this.#socket.uncork()
  }

  end(code: number, reason: Uint8Array): void {
    if (this.isOver) return
    this.isOver = true
    if (code === 0) this.#webSocket.close()
    else this.#webSocket.close(code, copyOf(reason))
  }

  cut(): void {
    if (this.isOver) return
    this.isOver = true
    this.#webSocket.terminate()
  }

  lose(): void {
    this.isOver = true
  }
}
