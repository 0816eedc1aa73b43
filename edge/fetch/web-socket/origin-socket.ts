// The origin's end of a WebSocket, which is the client's role: frames out and in, and the closing handshake (RFC 6455 7).
import type { Socket } from 'node:net'
import type { Spool } from '../../accept/spool.js'
import { EdgeError } from '../../error.js'
import type { Connection } from '../connection.js'
import type { SwitchedUser } from '../connection-user.js'
import { originError } from '../origin-error.js'
import { protocolError } from './close.js'
import { type FrameEvents, FrameReader, type Piece } from './frame-reader.js'
import { clientFrame, closePayload, opcodes } from './frames.js'
import { Outbox } from './outbox.js'

/** After `close`, `cut` and the last event there are none. */
export interface OriginSocketUser extends FrameEvents {
  /** Around all events of one read. */
  onRead(read: () => void): void
  /** It ended without a Close, or with something that is no frame: the last event. */
  onLost(error: EdgeError): void
  /** The origin has left the configuration. */
  onLeaving(): void
}

export interface OriginSocketOptions {
  /** For the log. */
  url: string
  /** How long the origin may take for some of what is sent to it once all is said, and to say Close. */
  closeMs: number
  /** See `Outbox`. */
  memoryBytesMax: number
  makeSpool: () => Spool
}

export class OriginSocket implements SwitchedUser, FrameEvents {
  readonly #connection: Connection
  readonly #socket: Socket
  readonly #user: OriginSocketUser
  readonly #options: OriginSocketOptions
  readonly #reader = new FrameReader(this)
  readonly #outbox: Outbox
  /** Its user hears nothing more. */
  #isOver = false
  /** Close was said to us, or never will be: when all is sent, this ends. */
  #isEnding = false
  #closing: NodeJS.Timeout | undefined

  /** Within `onSwitch`. */
  constructor(connection: Connection, user: OriginSocketUser, options: OriginSocketOptions) {
    this.#connection = connection
    this.#user = user
    this.#options = options
    this.#socket = connection.switchTo(this)
    const { memoryBytesMax, makeSpool } = options
    this.#outbox = new Outbox(this.#socket, {
      memoryBytesMax,
      makeSpool,
      onProgress: () => this.#progressed(),
      onFailure: error => this.#fail(error),
    })
  }

  /** Bytes in memory that the origin has not taken. */
  get waitingBytes(): number {
    return this.#outbox.memoryBytes
  }

  /** Throws EdgeError when there is no room for it: see `Outbox`. */
  send(message: Uint8Array, isBinary: boolean): void {
    if (!this.#isOver) this.#outbox.write(clientFrame(isBinary ? opcodes.binary : opcodes.text, message))
  }

  /** Throws as `send`. */
  ping(payload: Uint8Array): void {
    if (!this.#isOver) this.#outbox.write(clientFrame(opcodes.ping, payload))
  }

  /** Throws as `send`. */
  pong(payload: Uint8Array): void {
    if (!this.#isOver) this.#outbox.write(clientFrame(opcodes.pong, payload))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Says Close behind what was sent, and waits for the origin to do so too. */
  close(code: number, reason: Uint8Array): void {
    if (this.#isOver) return
    this.#isOver = true
    if (!this.#saysClose(code, reason)) return this.#end()
    // Its own Close may be behind much that nobody wants any more.
    this.#socket.resume()
    this.#armClosing()
  }

  /** Ends it without a Close, behind what was sent: what the origin sees is what has happened to the client. */
  cut(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#end()
  }

  /** From the connection, and what came behind the head of the 101. */
  onBytes(bytes: Buffer): void {
    if (this.#isOver) return this.#read(bytes)
    this.#user.onRead(() => this.#read(bytes))
  }

  onClosed(error: unknown): void {
    clearTimeout(this.#closing)
    this.#outbox.close()
    this.#fail(error)
  }

  onLeaving(): void {
    if (!this.#isOver) this.#user.onLeaving()
  }

  onPiece(piece: Buffer, what: Piece): void {
    if (!this.#isOver) this.#user.onPiece(piece, what)
  }

  onPing(payload: Buffer): void {
    if (!this.#isOver) this.#user.onPing(payload)
  }

  onPong(payload: Buffer): void {
    if (!this.#isOver) this.#user.onPong(payload)
  }

  /** RFC 6455 5.5.1: answered with the same. */
  onClose(code: number, reason: Buffer): void {
    const isNews = !this.#isOver
    const kept = Buffer.from(reason)
    if (isNews) this.#saysClose(code, kept)
    this.#isOver = true
    this.#end()
    if (isNews) this.#user.onClose(code, kept)
  }

  #read(bytes: Buffer): void {
    try {
      this.#reader.push(bytes)
    } catch (error) {
      this.#saysClose(protocolError, Buffer.alloc(0))
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const isNews = !this.#isOver
    this.#isOver = true
    this.#reader.stop()
    this.#end()
    if (isNews) this.#user.onLost(originError(error, this.#options.url, 'exchange'))
  }

  /** False where there is no room for it: then the connection ends without. */
  #saysClose(code: number, reason: Uint8Array): boolean {
    try {
      this.#outbox.write(clientFrame(opcodes.close, closePayload(code, reason)))
      return true
    } catch (error) {
      if (error instanceof EdgeError) return false
      throw error
    }
  }

  #progressed(): void {
    if (!this.#isOver) return
    if (this.#isEnding) this.#end()
    else this.#armClosing()
  }

  #end(): void {
    this.#isEnding = true
    this.#outbox.flush()
    if (this.#outbox.isHandedOver) this.#socket.destroySoon()
    this.#armClosing()
  }

  #armClosing(): void {
    clearTimeout(this.#closing)
    if (this.#socket.destroyed) return
    this.#closing = setTimeout(() => {
      this.#outbox.close()
      this.#connection.destroy()
    }, this.#options.closeMs)
  }
}
