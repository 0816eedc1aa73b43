// One open WebSocket: what each end says goes to the other, counted, bounded and ended in order (RFC 6455). How frames look
// is the engine's and fetch/web-socket/'s.
import { Spool } from './accept/spool.js'
import { logSwitched, reportFailure } from './conclude.js'
import type { Edge } from './edge.js'
import { EdgeError } from './error.js'
import type { Exchange } from './exchange.js'
import type { Connection } from './fetch/connection.js'
import * as closeCodes from './fetch/web-socket/close.js'
import type { Piece } from './fetch/web-socket/frame-reader.js'
import { OriginSocket, type OriginSocketUser } from './fetch/web-socket/origin-socket.js'
import type { ClientSocket, ClientSocketUser } from './respond/client-socket.js'

/** What one read from an origin may add behind `webSocketBufferBytesMax`, and more. */
const overshootBytesMax = 256 * 1024

export class WebSocketSession implements ClientSocketUser, OriginSocketUser {
  /** Payload of messages: from the client, and to it. */
  bytesIn = 0
  bytesOut = 0
  readonly #edge: Edge
  readonly #x: Exchange
  readonly #origin: OriginSocket
  readonly #idleMs: number
  #client!: ClientSocket
  #activeAtMs = performance.now()
  #idleTimer: NodeJS.Timeout | undefined
  /** Of `edge.stalled`. */
  #stalledBytes = 0
  #isPaused = false
  /** Pings of the origin that the client has not answered: other pongs are not for it. */
  #pings = 0
  #isOver = false

  constructor(edge: Edge, x: Exchange, connection: Connection) {
    this.#edge = edge
    this.#x = x
    const { closeMs, idleMs } = x.site!.config.webSocket
    this.#idleMs = idleMs
    this.#origin = new OriginSocket(connection, this, {
      url: x.originUrl,
      closeMs,
      memoryBytesMax: edge.config.limits.uploadMemoryBytesMax,
      makeSpool: () => new Spool(edge.spool),
    })
  }

  onOpen(client: ClientSocket): void {
    this.#client = client
  }

  /** Both ends are there, or were: `rest` came from the origin already. */
  start(rest: Buffer): void {
    if (this.#isOver) return
    this.#edge.webSockets.add(this)
    this.#armIdle(this.#idleMs)
    if (rest.length > 0) this.#origin.onBytes(rest)
    if (this.#edge.isDraining) this.leave()
  }

  /** Ends it in order: both ends are told to go elsewhere. */
  leave(): void {
    this.#end(closeCodes.goingAway, 'leaving')
  }

  onMessage(message: Uint8Array, isBinary: boolean): void {
    this.bytesIn += message.length
    this.#edge.counters.bytesIn += message.length
    this.#edge.meter?.add(this.#x, message.length, 0)
    this.#toOrigin(() => this.#origin.send(message, isBinary))
  }

  onClientPing(payload: Uint8Array): void {
    this.#toOrigin(() => this.#origin.ping(payload))
  }

  onClientPong(payload: Uint8Array): void {
    if (this.#pings === 0) return
    this.#pings -= 1
    this.#toOrigin(() => this.#origin.pong(payload))
  }

  onClientDrain(): void {
    this.#activeAtMs = performance.now()
    this.#account()
    if (!this.#isPaused || this.#client.waitingBytes > this.#bufferBytesMax / 2) return
    this.#isPaused = false
    this.#origin.resume()
  }

  onClientClose(code: number, reason: Uint8Array): void {
    if (this.#isOver) return
    const isLost = code === closeCodes.brokenOff
    if (isLost) this.#origin.cut()
    else this.#origin.close(code, reason)
    this.#finish(isLost ? wordOf(reason) : '')
  }

  onRead(read: () => void): void {
    this.#activeAtMs = performance.now()
    this.#client.cork(read)
    if (!this.#isOver) this.#balance()
  }

  onPiece(piece: Buffer, what: Piece): void {
    this.bytesOut += piece.length
    this.#edge.counters.bytesOut += piece.length
    this.#edge.meter?.add(this.#x, 0, piece.length)
    this.#client.send(piece, what)
  }

  onPing(payload: Buffer): void {
    this.#pings += 1
    this.#client.ping(payload)
  }

  /** To a ping of the client's, which the engine has answered. */
  onPong(): void {}

  onClose(code: number, reason: Buffer): void {
    this.#client.end(code === closeCodes.noCode ? 0 : code, reason)
    this.#finish('')
  }

  /** RFC 6455 7.4.1: the client learns that it was not itself. */
  onLost(error: EdgeError): void {
    if (error.code === 'bad-frame' || error.source === 'edge') reportFailure(this.#edge, this.#x, error)
    else this.#edge.counters.originErrors += 1
    this.#client.end(closeCodes.internalError, Buffer.from(error.code))
    this.#finish(error.code)
  }

  onLeaving(): void {
    this.leave()
  }

  #toOrigin(send: () => void): void {
    this.#activeAtMs = performance.now()
    try {
      send()
    } catch (error) {
      if (!(error instanceof EdgeError)) throw error
      reportFailure(this.#edge, this.#x, error)
      return this.#end(closeCodes.tryAgainLater, 'no-room')
    }
    this.#account()
  }

  /** A client that reads slowly holds its origin, and nobody's memory. */
  #balance(): void {
    this.#account()
    if (this.#isPaused || this.#client.waitingBytes <= this.#bufferBytesMax) return
    this.#isPaused = true
    this.#origin.pause()
  }

  #account(): void {
    const { stalled } = this.#edge
    const bytes = this.#client.waitingBytes + this.#origin.waitingBytes
    stalled.used += bytes - this.#stalledBytes
    this.#stalledBytes = bytes
    // The engine answers pings itself, also those of a client that reads nothing.
    const isFlooded = this.#client.waitingBytes > this.#bufferBytesMax + overshootBytesMax
    const isTooMuch = stalled.used > stalled.max && bytes > 0
    if ((!isFlooded && !isTooMuch) || this.#isOver) return
    stalled.broken += 1
    this.#end(closeCodes.tryAgainLater, 'stalled')
  }

  get #bufferBytesMax(): number {
    return this.#edge.config.limits.webSocketBufferBytesMax
  }

  #armIdle(afterMs: number): void {
    this.#idleTimer = setTimeout(() => {
      const leftMs = this.#activeAtMs + this.#idleMs - performance.now()
      if (leftMs > 0) this.#armIdle(leftMs)
      else this.#end(closeCodes.goingAway, 'idle')
    }, Math.ceil(afterMs)).unref()
  }

  /** We end it; `word` says why. */
  #end(code: number, word: string): void {
    if (this.#isOver) return
    const reason = Buffer.from(word)
    this.#origin.close(code, reason)
    this.#client.end(code, reason)
    this.#finish(word)
  }

  #finish(word: string): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#idleTimer)
    this.#edge.stalled.used -= this.#stalledBytes
    this.#edge.webSockets.delete(this)
    this.#x.detail = word
    logSwitched(this.#edge, this.#x, this, word === '')
  }
}

/** In the words of the log: why the engine broke it off, or that the client did. */
function wordOf(engineReason: Uint8Array): string {
  const text = Buffer.from(engineReason).toString('latin1')
  if (text.includes('too big')) return 'message-too-big'
  return text.includes('UTF-8') ? 'invalid-text' : 'client-left'
}
