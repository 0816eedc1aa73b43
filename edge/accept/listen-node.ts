// The front on Node's own server: listens, reads each request into an exchange and hands it to the path, as listen.ts
// does with the other engine.

import { type IncomingMessage, Server as PlainServer, type ServerResponse } from 'node:http'
import type { Http2ServerRequest, ServerHttp2Session } from 'node:http2'
import { type AddressInfo, type Socket, Server as SocketServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { listenOn } from '../../native/index.js'
import { EdgeError } from '../error.js'
import { type Exchange, Mark } from '../exchange.js'
import type { Scheme } from '../http/host.js'
import { NodeResponder } from '../respond/node-responder.js'
import type { Handshake } from '../respond/node-socket.js'
import { PlainWire, StreamWire } from '../respond/node-wire.js'
import { Door } from './door.js'
import { boundSession } from './http2-bounds.js'
import { Lane } from './lane.js'
import type { Listening, ListenOptions, ListenWhere } from './listen.js'
import { type Bounds, boundsOf } from './node-bounds.js'
import { abandon, authorityOf, stoppable } from './node-connection.js'
import { Connections } from './node-connections.js'
import { requestSource } from './node-request.js'
import { type AnyRequest, type AnyResponse, makeNodeServer, type NodeServer } from './node-server.js'
import { handshakeOf, isBareHandshake, putBack } from './node-upgrade.js'
import { read } from './read.js'
import { endRaw, isMisread, type ParserError, refuseRaw } from './refuse-raw.js'

const spokenVersions = new Set(['1.0', '1.1'])

/** Rejects with EdgeError `listen` when the address cannot be had, or a certificate not used. */
export async function listenByNode(where: ListenWhere, options: ListenOptions): Promise<Listening> {
  const certificates = where.tls?.certificates ?? []
  const scheme = certificates.length === 0 ? 'http' : 'https'
  try {
    const front = new NodeFront({ ...options, scheme }, where)
    const onRequest = (request: AnyRequest, response: AnyResponse) => front.take(request, response)
    const server = makeNodeServer({
      ...boundsOf(where),
      certificates,
      ticketKeys: options.ticketKeys,
      headBytesMax: options.headBytesMax,
      onRequest,
    })
    front.watch(server)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ fd: listenOn(where.address, where.port) }, resolve)
    })
    return listening(server, front)
  } catch (cause) {
    const { address = 'port', port } = where
    const message = `cannot listen on ${address} ${port}: ${(cause as Error).message}`
    throw new EdgeError('listen', message, { source: 'edge', status: 500, cause })
  }
}

function listening(server: NodeServer, front: NodeFront): Listening {
  let isOpen = true
  const stop = (): void => {
    if (!isOpen) return
    isOpen = false
    // Not the server's own, which cuts connections that are idle at this moment: their clients are told with an answer.
    SocketServer.prototype.close.call(server)
    front.leave()
  }
  return {
    port: (server.address() as AddressInfo).port,
    stop,
    close: () => {
      stop()
      if (server instanceof PlainServer) server.closeAllConnections()
      front.cut()
    },
  }
}

class NodeFront {
  readonly #options: ListenOptions & { scheme: Scheme }
  readonly #lanes = new WeakMap<Socket, Lane>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #connections: Connections
  readonly #bounds: Bounds

  constructor(options: ListenOptions & { scheme: Scheme }, where: ListenWhere) {
    this.#options = options
    this.#bounds = boundsOf(where)
    const door = new Door({ ...this.#bounds, isShut: options.isShut }, options.counters, options.onRefused)
    this.#connections = new Connections(door, this.#bounds, where.proxyFrom ?? [])
  }

  watch(server: NodeServer): void {
    this.#connections.watch(server)
    // Whether a client that has closed its half is gone, the answer under way knows best.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
      session.on('error', () => {})
      boundSession(session, this.#bounds)
    })
    server.on('clientError', (error: ParserError, socket: Socket) => {
      // What is under way is answered first, or ends with it.
      if (!isMisread(error) || !this.#lanes.get(socket)?.misread()) refuseRaw(error, socket)
    })
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      abandon(socket)
      this.#laneOf(socket).take(() => this.#upgrade(server, request, socket, head))
    })
    // A tunnel is not ours to make (RFC 9110 9.3.6).
    server.on('connect', (_: IncomingMessage, socket: Socket) => {
      abandon(socket)
      this.#laneOf(socket).take(() => endRaw(socket, 405))
    })
    // Node says here what it could not accept.
    server.on('error', (error: Error) => this.#options.onCrash(undefined, error))
  }

  /** HTTP/2: what is under way is finished, and the client told to ask elsewhere (RFC 9113 6.8). */
  leave(): void {
    for (const session of this.#sessions) session.close()
  }

  cut(): void {
    for (const session of this.#sessions) session.destroy()
    this.#connections.cut()
  }

  take(request: AnyRequest, response: AnyResponse): void {
    if ('stream' in request) return void this.#accept(request, undefined, () => {})
    const plain = response as ServerResponse
    const lane = this.#laneOf(request.socket)
    lane.take(() => {
      if (request.socket.destroyed) return lane.done(true)
      // Of the one before.
      lane.answerer = undefined
      const responder = this.#accept(request, plain, isLast => lane.done(isLast))
      lane.answerer = responder
    })
  }

  /** When it is its turn: what was asked before is answered. */
  #upgrade(server: NodeServer, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { messageBytesMax, scheme } = this.#options
    if (socket.destroyed) return
    if (!isBareHandshake(request.method, loweredFields(request))) {
      this.#laneOf(socket).done(false)
      putBack(request, socket, head)
      server.emit(scheme === 'http' ? 'connection' : 'secureConnection', socket)
      return
    }
    // Of the connection nothing else can come.
    const handshake = handshakeOf(request, socket, head, messageBytesMax)
    this.#accept(request, handshake.response, () => {}, handshake)
  }

  #laneOf(socket: Socket): Lane {
    const lane = this.#lanes.get(socket)
    if (lane === undefined) {
      const made = new Lane(stoppable(socket))
      socket.once('end', () => made.answerer?.onHalfClosed())
      this.#lanes.set(socket, made)
      return made
    }
    return lane
  }

  #accept(
    request: AnyRequest,
    response: ServerResponse | undefined,
    done: (isLast: boolean) => void,
    handshake?: Handshake,
  ): NodeResponder {
    const { stalled, isLogged, scheme, refusesChunked, handle, onCrash } = this.#options
    const { socket } = request
    const fields = loweredFields(request)
    const awaitsInvitation = fields.some(
      (text, at) => at % 2 === 0 && text === 'expect' && fields[at + 1]!.toLowerCase() === '100-continue',
    )
    const remoteAddress = this.#connections.addressOf(socket)
    const responder: NodeResponder = new NodeResponder(
      { fields, body: request, remoteAddress, awaitsInvitation, isWhole: () => request.complete },
      stalled,
      () => done(responder.closeAfter),
      handshake,
    )
    if (handshake !== undefined) responder.closeAfter = true
    responder.attach(
      response === undefined
        ? new StreamWire((request as Http2ServerRequest).stream, responder)
        : new PlainWire(response, responder),
    )
    let x: Exchange | undefined
    try {
      const source = requestSource({
        method: request.method ?? '',
        target: request.url ?? '',
        fields,
        localAuthority: authorityOf(socket),
        isHttp10: request.httpVersion === '1.0',
      })
      x = read(source, responder, Date.now(), isLogged ? performance.now() : 0, scheme)
      x.marks |= Mark.framingChecked
      if (handshake !== undefined) x.marks |= Mark.webSocket
      if (response !== undefined && !spokenVersions.has(request.httpVersion)) x.marks |= Mark.versionUnknown
      if (refusesChunked) x.marks |= Mark.lengthRequired
      if (response === undefined) noteBody(x, request as Http2ServerRequest)
      if (isLogged) x.clientAddress = remoteAddress
      handle(x)
    } catch (error) {
      onCrash(x, error)
      if (x === undefined) responder.abort()
    } finally {
      responder.accepted()
    }
    return responder
  }
}

function loweredFields({ rawHeaders }: AnyRequest): string[] {
  return rawHeaders.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text))
}

/** HTTP/2 frames bodies by itself: one without a length is to the path what a chunked one is. */
function noteBody(x: Exchange, { stream }: Http2ServerRequest): void {
  if (stream.endAfterHeaders || x.framing.contentLengths > 0) return
  x.framing.transferEncodings = 1
  x.framing.transferEncoding = 'chunked'
}
