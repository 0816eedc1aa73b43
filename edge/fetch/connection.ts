// One connection to an origin, which carries one request at a time: writes it, and hands on what the parser makes of the
// answer. Who gets a connection is pool.ts's, what limits an exchange in time send.ts's.

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { sendNow } from '../../native/index.js'
import type { Fields } from '../http/fields.js'
import type { ConnectionOwner, ConnectionUser, SwitchedUser } from './connection-user.js'
import { idleMaxMsOf } from './keep-alive.js'
import type { KnownAnswer } from './known-answer.js'
import { LateTimer } from './late-timer.js'
import { descriptorOf, type Endpoint, openSocket } from './open-socket.js'
import { connectTimeout } from './origin-error.js'
import type { Outgoing } from './outgoing.js'
import { Reading, type ReadingUser, shortBytesMax } from './reading.js'
import { RequestBody } from './request-body.js'
import { type ResponseEvents, ResponseParser } from './response-parser.js'
import { sendSoon } from './send-soon.js'

export class Connection implements ResponseEvents, ReadingUser {
  /** When it was last freed, `performance.now()`. */
  freeSinceMs = 0
  /** When something came last: the clock of who is told of it. */
  readMs = 0
  /** How long it may stay unused, as its last answer said (`Keep-Alive: timeout`). */
  idleMaxMs = Number.POSITIVE_INFINITY
  /** For who asks over it. */
  readonly timer = new LateTimer(nowMs => this.#user?.onTime?.(nowMs))
  readonly #owner: ConnectionOwner
  readonly #socket: Socket
  readonly #reading: Reading
  readonly #parser: ResponseParser
  readonly #connectTimer: NodeJS.Timeout
  /** Of a connection without TLS, once it stands; else -1. */
  #descriptor = -1
  #isConnected = false
  #isGone = false
  #user: ConnectionUser | undefined
  #switched: SwitchedUser | undefined
  #body: RequestBody | undefined
  /** The request, until its head is written. */
  #unsent: Outgoing | undefined

  constructor(endpoint: Endpoint, owner: ConnectionOwner) {
    this.#owner = owner
    this.#parser = new ResponseParser(this)
    const { connectMs } = endpoint
    this.#connectTimer = setTimeout(() => this.#fail(connectTimeout(connectMs)), connectMs)
    this.#socket = openSocket(endpoint, bytes => this.onBytes(bytes))
    this.#reading = new Reading(this.#socket)
    this.#socket.on(endpoint.isTls ? 'secureConnect' : 'connect', () => this.#connected())
    this.#socket.on('end', () => this.onBytesEnd())
    this.#socket.on('error', error => this.#fail(error))
    this.#socket.on('close', () => this.#fail(undefined))
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Bytes of the request are still to go. */
  get isUploading(): boolean {
    return this.#body !== undefined && !this.#body.isOver
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  get user(): ConnectionUser | undefined {
    return this.#user
  }

  /** Only when it is new or free. */
  start(user: ConnectionUser, outgoing: Outgoing): void {
    this.#user = user
    this.#unsent = outgoing
    const { body, isChunked } = outgoing
    if (body !== undefined)
      this.#body = new RequestBody(this.#socket, body, isChunked, error => this.#fail(error))
    sendSoon(this)
  }

  /**
   * Writes the head of the request, once, together with what is there of its body. What the origin says before that is no
   * answer to it.
   */
  send(): void {
    const unsent = this.#unsent
    if (unsent === undefined || this.#isGone) return
    this.#unsent = undefined
    this.#parser.begin(unsent.expected)
    const body = this.#isConnected ? this.#body : undefined
    if (body === undefined) return this.#write(unsent)
    const socket = this.#socket
    socket.cork()
    socket.write(unsent.head, 'latin1')
    body.start()
    // Behind the tick in which it begins to flow.
    process.nextTick(() => socket.uncork())
  }

  /** Past the stream, when it has nothing to write: what it does for it costs more than the write. */
  #write({ head, lines = '', rest = '' }: Outgoing): void {
    const socket = this.#socket
    const isIdle = this.#descriptor >= 0 && !socket.destroyed && socket.writableLength === 0
    const sentBytes = isIdle ? Math.max(0, sendNow(this.#descriptor, head, lines, rest)) : 0
    // A broken one tells the stream, too.
    if (sentBytes < head.length + lines.length + rest.length)
      socket.write(`${head}${lines}${rest}`.slice(sentBytes), 'latin1')
  }

  resume(): void {
    this.#reading.resume()
  }

  /** Gives it away, within `onSwitch`: reading and its end are heard of by `user`, writing is its own. */
  switchTo(user: SwitchedUser): Socket {
    this.#user = undefined
    this.#switched = user
    this.#reading.giveBack()
    this.#owner.onSwitched(this)
    return this.#socket
  }

  /** Its origin has left the configuration. */
  leave(): void {
    this.#switched?.onLeaving()
  }

  /** As if the origin had closed it. */
  cut(): void {
    this.#fail(undefined)
  }

  /** Ends it; its user hears nothing more. */
  destroy(): void {
    this.#user = undefined
    this.#switched = undefined
    this.#leave()
  }

  onBytes(bytes: Buffer): void {
    if (this.#isGone) return
    if (this.#switched !== undefined) return this.#switched.onBytes(bytes)
    this.readMs = performance.now()
    try {
      this.#parser.push(bytes)
    } catch (error) {
      // What came before the request was written says nothing of it.
      this.#fail(this.#unsent === undefined ? error : undefined)
    }
  }

  onBytesEnd(error?: Error): void {
    if (error !== undefined || this.#switched !== undefined) return this.#fail(error)
    try {
      this.#parser.close()
      // Between two requests, or after a body that only this ends.
      if (this.#unsent === undefined) this.#leave()
      else this.#fail(undefined)
    } catch (error) {
      this.#fail(error)
    }
  }

  onInterim(status: number, fields: Fields): void {
    this.#user?.onInterim(status, fields)
  }

  onKnownHead(known: KnownAnswer): boolean {
    if (this.#user?.onKnownHead?.(known) !== true) return false
    this.idleMaxMs = known.shape.idleMaxMs
    // Of what is short all is read with its head.
    if ((known.contentLength ?? 0) > shortBytesMax) this.#reading.expect(this.#user.outlet)
    return true
  }

  onHead(status: number, fields: Fields): void {
    this.idleMaxMs = idleMaxMsOf(fields)
    this.#user?.onHead(status, fields)
    this.#reading.expect(this.#user?.outlet)
  }

  onBody(piece: Buffer): void {
    if (this.#user !== undefined && !this.#user.onBody(piece)) this.#reading.pause()
  }

  onRest(bytes: number): number {
    const outlet = this.#user?.outlet
    return outlet === undefined ? 0 : this.#reading.passOn(outlet, bytes, this)
  }

  onUpgrade(fields: Fields, rest: Buffer): void {
    this.#user?.onSwitch(fields, rest)
  }

  onEnd(isReusable: boolean): void {
    const user = this.#user
    const isSent = this.#body === undefined || this.#body.isOver
    this.#user = undefined
    this.#body?.drop()
    this.#body = undefined
    // An origin that answers before it has the whole request does not read the rest of it as another one.
    if (!isReusable || !isSent || this.idleMaxMs <= 0) this.#leave()
    else {
      this.#reading.resume()
      this.freeSinceMs = this.readMs
      this.#owner.onFree(this)
    }
    user?.onEnd()
  }

  #connected(): void {
    this.#isConnected = true
    this.#descriptor = descriptorOf(this.#socket)
    this.#reading.begin(this.#descriptor, this)
    clearTimeout(this.#connectTimer)
    if (this.#unsent === undefined) this.#body?.start()
    this.#user?.onConnected()
  }

  #fail(error: unknown): void {
    const [user, switched] = [this.#user, this.#switched]
    const phase = this.#isConnected && this.#unsent === undefined ? 'exchange' : 'connect'
    this.destroy()
    user?.onFailure(error, phase)
    switched?.onClosed(error)
  }

  #leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    clearTimeout(this.#connectTimer)
    this.timer.stop()
    this.#parser.stop()
    this.#body?.drop()
    this.#body = undefined
    this.#reading.stop()
    this.#socket.destroy()
    this.#owner.onGone(this)
  }
}
