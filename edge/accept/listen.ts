// The uWebSockets.js front: listens, reads each request into an exchange and hands it to the path. Whatever goes
// wrong in there, the engine's response is answered: one left open without an abort handler would end the process.

import type { AppOptions, HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t } from 'uWebSockets.js'
import { isIP } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { CertificateConfig, ListenAddress, ListenConfig } from '../../config/settings.js'
import { EdgeError } from '../error.js'
import { type Exchange, Mark } from '../exchange.js'
import { isHandshake } from '../http/web-socket.js'
import type { Replay } from '../replay/replay.js'
import { PeerAddresses } from '../respond/address.js'
import type { StalledBytes } from '../respond/backlog.js'
import type { UwsFront } from '../respond/uws-front.js'
import { type SocketData, socketBehaviour, UpgradableResponder } from '../respond/uws-socket.js'
import { UwsResponder } from '../respond/write.js'
import { cipherList, readKeyPair } from './certificates.js'
import { Door, type DoorCounters, type WhyRefused } from './door.js'
import { type Engine, knownHeads, loadEngine } from './engine.js'
import type { KnownHeads } from './known-heads.js'
import { networkTest } from './networks.js'
import { read } from './read.js'

export interface ListenOptions {
  headBytesMax: number
  /** `limits.webSocketMessageBytesMax`. */
  messageBytesMax: number
  stalled: StalledBytes
  /** Gives again what was taught. */
  replay?: Replay | undefined
  counters: DoorCounters
  /** Of the sessions of TLS; the engine uws has its own. */
  ticketKeys?: Buffer | undefined
  /** Whether no new connection may come in now. */
  isShut: () => boolean
  /** A connection was closed at once. */
  onRefused: (why: WhyRefused) => void
  /** `listen[].chunkedUploads` is `refuse`. */
  refusesChunked?: boolean
  /** Whether the path wants a duration and the client's address of every request. */
  isLogged: boolean
  handle: (x: Exchange) => void
  /** Something in the path threw: the exchange has to be answered by this; without one the connection is cut. */
  onCrash: (x: Exchange | undefined, error: unknown) => void
}

export type ListenWhere = ListenAddress & Partial<Omit<ListenConfig, keyof ListenAddress>>

export interface Listening {
  readonly port: number
  /** Takes no new connections; the open ones go on. */
  stop(): void
  /** Cuts what is still open. */
  close(): void
}

/** Rejects with EdgeError `listen` when the address cannot be had. */
export async function listen(where: ListenWhere, options: ListenOptions): Promise<Listening> {
  const engine = loadEngine(options.headBytesMax)
  const { connectionsMax = Number.POSITIVE_INFINITY } = where
  const door = new Door({ connectionsMax, isShut: options.isShut }, options.counters, options.onRefused)
  const peers = new PeerAddresses(knownHeads()?.socketOf, networkTest(where.proxyFrom ?? []))
  // Who connects for others says so in front of what it asks.
  const replay = where.proxyFrom?.length ? undefined : options.replay
  const isSecure = isOverTls(where)
  const app = guarded(openApp(engine, where, { ...options, replay, door, peers }), {
    ...{ door, peers, replay, isSecure },
  })
  return new Promise((resolve, reject) => {
    const opened = (token: object | false): void => {
      if (token) resolve(listening(engine, app, token))
      else reject(cannotListen(where))
    }
    // The engine takes a name too and would look it up: only addresses get here (config).
    if (where.address === undefined) app.listen(where.port, opened)
    else if (isIP(where.address) !== 0) app.listen(where.address, where.port, opened)
    else opened(false)
  })
}

function isOverTls({ tls }: ListenWhere): boolean {
  return (tls?.certificates ?? []).length > 0
}

type FrontOptions = ListenOptions & { replay: Replay | undefined; door: Door; peers: PeerAddresses }

/** Of plain HTTP, or with the certificates of the listener. */
function openApp(engine: Engine, where: ListenWhere, options: FrontOptions): TemplatedApp {
  const certificates = where.tls?.certificates ?? []
  const isSecure = isOverTls(where)
  const heads = knownHeads()
  const hasOutlets = heads !== undefined && !isSecure
  const front = { ...options, heads, isSecure, hasOutlets }
  if (!isSecure) return routed(engine.App(), front)
  try {
    const [first, ...others] = certificates.map(files => ({
      files: filesOf(files),
      names: readKeyPair(files).names,
    }))
    const app = routed(engine.SSLApp(first!.files), front)
    for (const { files, names } of others) {
      for (const name of names) {
        // Each name has a router of its own in this engine.
        app.addServerName(name, files)
        routed(app.domain(name), front)
      }
    }
    return app.domain('')
  } catch (cause) {
    throw cannotListen(where, cause)
  }
}

function filesOf({ certFile, keyFile }: CertificateConfig): AppOptions {
  return { cert_file_name: certFile, key_file_name: keyFile, ssl_ciphers: cipherList }
}

/** Counts connections; those that are too many are closed. */
function guarded(
  app: TemplatedApp,
  { door, peers, replay, isSecure }: Pick<FrontOptions, 'door' | 'peers' | 'replay'> & { isSecure: boolean },
): TemplatedApp {
  const count = (response: HttpResponse, change: unknown): void => {
    peers.forget(response)
    if (Number(change) < 0) {
      replay?.closed(response)
      door.leave()
    } else if (door.enter()) replay?.opened(response, isSecure, () => peers.of(response))
    else response.close()
  }
  return app.filter(count)
}

type Front = ListenOptions & UwsFront & { heads: KnownHeads | undefined; door: Door }

function routed(app: TemplatedApp, front: Front): TemplatedApp {
  app.any('/*', (response, request) => accept(response, request, front))
  // The engine asks here what bears a Sec-WebSocket-Key of the right length, and goes on above with everything else.
  return app.ws<SocketData>(
    '/*',
    socketBehaviour({
      messageBytesMax: front.messageBytesMax,
      upgrade: (response, request, context) => accept(response, request, front, context),
      // Of those that were upgraded the engine's filter hears no more.
      onGone: () => front.door.leave(),
    }),
  )
}

function accept(
  response: HttpResponse,
  request: HttpRequest,
  front: Front,
  context?: us_socket_context_t,
): void {
  const responder =
    context === undefined
      ? new UwsResponder(response, request, front)
      : new UpgradableResponder(response, request, front, context)
  let x: Exchange | undefined
  try {
    const scheme = front.isSecure ? 'https' : 'http'
    const startedMs = front.isLogged ? performance.now() : 0
    const nowMs = Date.now()
    x =
      front.heads?.read(request, responder, nowMs, startedMs, scheme) ??
      read(request, responder, nowMs, startedMs, scheme)
    if (front.refusesChunked) x.marks |= Mark.lengthRequired
    if (context !== undefined && isHandshake(x.fields)) x.marks |= Mark.webSocket
    if (front.isLogged) x.clientAddress = responder.clientAddress()
    front.handle(x)
  } catch (error) {
    front.onCrash(x, error)
    if (x === undefined) responder.abort()
  } finally {
    if (x?.isFinished === false) x.keepFields?.()
    responder.accepted()
  }
}

function listening(engine: Engine, app: TemplatedApp, token: object): Listening {
  let isOpen = true
  const stop = (): void => {
    if (isOpen) engine.us_listen_socket_close(token)
    isOpen = false
  }
  return {
    port: engine.us_socket_local_port(token),
    stop,
    close: () => {
      stop()
      app.close()
    },
  }
}

function cannotListen({ address, port }: ListenAddress, cause?: unknown): EdgeError {
  const where = address === undefined ? `port ${port}` : `${address} port ${port}`
  const reason = cause instanceof Error ? `: ${cause.message}` : ''
  return new EdgeError('listen', `cannot listen on ${where}${reason}`, { source: 'edge', status: 500, cause })
}
