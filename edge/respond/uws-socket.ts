// WebSockets of uWebSockets.js: the responder of a request that asks for one, and the client's end of it. The engine
// cannot be told to stop reading one: what comes must be taken (fetch/web-socket/outbox.ts).
import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocketBehavior,
  WebSocket as WebSocketOfEngine,
} from 'uWebSockets.js'
import type { Piece } from '../fetch/web-socket/frame-reader.js'
import type { Acceptance, ClientSocket, ClientSocketUser } from './client-socket.js'
import { writeHead } from './push.js'
import type { UwsFront } from './uws-front.js'
import { UwsResponder } from './write.js'

/** What the engine keeps with each of them. */
export interface SocketData {
  readonly user: ClientSocketUser
  socket: UwsSocket | undefined
}

/** Its fragments are left out of the engine's own types. */
interface Uws extends WebSocketOfEngine<SocketData> {
  sendFirstFragment(piece: Uint8Array, isBinary: boolean): number
  sendFragment(piece: Uint8Array): number
  sendLastFragment(piece: Uint8Array): number
}

export class UpgradableResponder extends UwsResponder {
  readonly #context: us_socket_context_t

  constructor(response: HttpResponse, request: HttpRequest, front: UwsFront, context: us_socket_context_t) {
    super(response, request, front)
    this.#context = context
  }

  openWebSocket({ head, key, protocol }: Acceptance, user: ClientSocketUser): void {
    if (this.state !== 'open') return
    const data: SocketData = { user, socket: undefined }
    this.finish()
    // The engine says nothing of its end.
    this.front.peers.forget(this.response)
    this.cork(() => {
      writeHead(this.response, head, false)
      this.response.upgrade(data, key, protocol, '', this.#context)
    })
  }
}

export interface SocketListener {
  messageBytesMax: number
  upgrade: NonNullable<WebSocketBehavior<SocketData>['upgrade']>
  /** Once for each, when it is over. */
  onGone(): void
}

/** No time limits, pings or compression of the engine's own: those are between client and origin. */
export function socketBehaviour({
  messageBytesMax,
  upgrade,
  onGone,
}: SocketListener): WebSocketBehavior<SocketData> {
  return {
    maxPayloadLength: messageBytesMax,
    idleTimeout: 0,
    sendPingsAutomatically: false,
    // No limit: nothing may be dropped, and who sends looks at what waits.
    maxBackpressure: 0,
    upgrade,
    open: socket => {
      const data = socket.getUserData()
      data.socket = new UwsSocket(socket as Uws)
      data.user.onOpen(data.socket)
    },
    message: (socket, message, isBinary) => userOf(socket)?.onMessage(new Uint8Array(message), isBinary),
    ping: (socket, payload) => userOf(socket)?.onClientPing(new Uint8Array(payload)),
    pong: (socket, payload) => userOf(socket)?.onClientPong(new Uint8Array(payload)),
    drain: socket => userOf(socket)?.onClientDrain(),
    close: (socket, code, reason) => {
      const user = userOf(socket)
      socket.getUserData().socket?.lose()
      onGone()
      user?.onClientClose(code, new Uint8Array(reason))
    },
  }
}

/** Undefined when it is over. */
function userOf(socket: WebSocketOfEngine<SocketData>): ClientSocketUser | undefined {
  const { user, socket: own } = socket.getUserData()
  return own?.isOver === false ? user : undefined
}

class UwsSocket implements ClientSocket {
  isOver = false
  readonly #socket: Uws
  #isCorked = false
  /** The Close, for when the cork is out. */
  #ending: { code: number; reason: Uint8Array } | undefined

  constructor(socket: Uws) {
    this.#socket = socket
  }

  get waitingBytes(): number {
    return this.isOver ? 0 : this.#socket.getBufferedAmount()
  }

  send(piece: Uint8Array, { isBinary, isFirst, isLast }: Piece): void {
    if (this.isOver) return
    if (isFirst && isLast) this.#socket.send(piece, isBinary)
    else if (isFirst) this.#socket.sendFirstFragment(piece, isBinary)
    else if (isLast) this.#socket.sendLastFragment(piece)
    else this.#socket.sendFragment(piece)
  }

  ping(payload: Uint8Array): void {
    if (!this.isOver) this.#socket.ping(payload)
  }

  cork(write: () => void): void {
    if (this.isOver || this.#isCorked) return write()
    this.#isCorked = true
    this.#socket.cork(write)
    this.#isCorked = false
    if (this.#ending !== undefined) this.#socket.end(this.#ending.code, this.#ending.reason)
  }

  /** In a cork of ours the engine would not send its FIN, and a client that says no Close would stay connected for ever. */
  end(code: number, reason: Uint8Array): void {
    if (this.isOver) return
    this.isOver = true
    if (this.#isCorked) this.#ending = { code, reason: Buffer.from(reason) }
    else this.#socket.end(code, reason)
  }

  cut(): void {
    if (this.isOver) return
    this.isOver = true
    this.#socket.close()
  }

  /** The engine's socket is dead. */
  lose(): void {
    this.isOver = true
  }
}
