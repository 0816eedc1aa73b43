// Sends one request to one origin and reports what comes back, each event once: an exchange with its limits in time.
// How it travels is pool.ts's and connection.ts's; what to send is forward.ts's and ask.ts's; what the answer means is
// the path's.
import type { Upload } from '../accept/upload.js'
import type { EdgeError } from '../error.js'
import type { Fields } from '../http/fields.js'
import type { Connection, ConnectionUser, Outgoing } from './connection.js'
import {
  betweenBytesTimeout,
  firstByteTimeout,
  originBusy,
  originError,
  originSwapped,
  type Phase,
  totalTimeout,
  unsendable,
} from './origin-error.js'
import type { Origin } from './origins.js'
import type { Waiting } from './pool.js'

/** One request as the origin gets it: fields complete but for the framing, which is added here. */
export interface Ask {
  method: string
  target: string
  fields: string[]
  body: Upload | undefined
  /** Length of `body` when it is known; otherwise it goes chunked. */
  bodyBytes: number | undefined
  totalMs: number
  /** Not over a connection that has been used: one of those has just been closed under it. */
  isFresh?: boolean
}

/** Events of one answer: head, body..., then end or error. After `abort` there are none. */
export interface AnswerHandler {
  onHead(status: number, fields: Fields): void
  /** The chunk is the receiver's to keep; false pauses the origin until `resume`. */
  onBody(chunk: Buffer): boolean
  onEnd(): void
  /** Once, instead of the end: before the head or in the middle of the body. */
  onError(error: EdgeError): void
}

export interface Sending {
  resume(): void
  abort(): void
}

/** `onError` may come before it returns. */
export function send(origin: Origin, ask: Ask, handler: AnswerHandler): Sending {
  const exchange = new OriginExchange(origin, handler, ask.totalMs)
  exchange.start(ask)
  return exchange
}

class OriginExchange implements Sending, ConnectionUser, Waiting {
  readonly user = this
  outgoing!: Outgoing
  readonly #origin: Origin
  readonly #handler: AnswerHandler
  readonly #totalTimer: NodeJS.Timeout
  /** Of the phase it is in: waiting for a connection, for the first byte, for more bytes. */
  #phaseTimer: NodeJS.Timeout | undefined
  #isOver = false
  #connection: Connection | undefined

  constructor(origin: Origin, handler: AnswerHandler, totalMs: number) {
    this.#origin = origin
    this.#handler = handler
    this.#totalTimer = setTimeout(() => this.#stop(totalTimeout(totalMs)), totalMs)
    origin.active += 1
  }

  start(ask: Ask): void {
    const { pool, timeouts } = this.#origin
    if (pool.isClosed) return this.#stop(originSwapped(this.#origin.url))
    const outgoing = outgoingOf(ask)
    if (outgoing === undefined) return this.#stop(unsendable())
    this.outgoing = outgoing
    pool.add(this, ask.isFresh ?? false)
    if (this.#connection !== undefined || this.#isOver) return
    const isBusy = () => this.#stop(originBusy(this.#origin.url))
    this.#phaseTimer = setTimeout(isBusy, timeouts.connectMs)
  }

  resume(): void {
    if (this.#isOver) return
    this.#connection?.resume()
    this.#awaitBytes()
  }

  abort(): void {
    if (this.#isOver) return
    this.#finish()
    this.#release()
  }

  onStart(connection: Connection): void {
    this.#connection = connection
    clearTimeout(this.#phaseTimer)
    if (connection.isConnected) this.onConnected()
  }

  onConnected(): void {
    const { firstByteMs } = this.#origin.timeouts
    this.#phaseTimer = setTimeout(() => this.#awaitUpload(firstByteMs), firstByteMs)
  }

  onInterim(): void {
    this.#phaseTimer?.refresh()
  }

  onHead(status: number, fields: Fields): void {
    clearTimeout(this.#phaseTimer)
    this.#phaseTimer = undefined
    this.#handler.onHead(status, fields)
    if (!this.#isOver) this.#awaitBytes()
  }

  onBody(chunk: Buffer): boolean {
    if (this.#isOver) return true
    this.#phaseTimer?.refresh()
    if (this.#handler.onBody(chunk)) return true
    // Who reads slowly makes no origin slow.
    clearTimeout(this.#phaseTimer)
    this.#phaseTimer = undefined
    return false
  }

  onEnd(): void {
    if (this.#isOver) return
    this.#finish()
    this.#handler.onEnd()
  }

  onFailure(error: unknown, phase: Phase): void {
    if (this.#isOver) return
    this.#finish()
    this.#handler.onError(originError(error, this.#origin.url, phase))
  }

  /** RFC 9110 10.1.1 aside, an origin may wait for the whole request before it says a word. */
  #awaitUpload(limitMs: number): void {
    if (this.#connection?.isUploading === true) this.#phaseTimer?.refresh()
    else this.#stop(firstByteTimeout(limitMs))
  }

  #awaitBytes(): void {
    const { betweenBytesMs } = this.#origin.timeouts
    this.#phaseTimer ??= setTimeout(() => this.#stop(betweenBytesTimeout(betweenBytesMs)), betweenBytesMs)
  }

  #stop(error: EdgeError): void {
    if (this.#isOver) return
    this.#finish()
    this.#release()
    this.#handler.onError(error)
  }

  #release(): void {
    if (this.#connection !== undefined) this.#connection.destroy()
    else this.#origin.pool.remove(this)
  }

  #finish(): void {
    this.#isOver = true
    this.#origin.active -= 1
    clearTimeout(this.#totalTimer)
    clearTimeout(this.#phaseTimer)
  }
}

/** RFC 9110 8.6: a request of these without a body says so. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
// What would begin another line, or another request (RFC 9112 11.1, 11.2), and what no value has (RFC 9110 5.5).
const unsafe = /[\0-\x08\x0a-\x1f\x7f]/
const unsafeTarget = /[^\x21-\xff]/

/** Undefined when it cannot be written as one request. */
function outgoingOf(ask: Ask): Outgoing | undefined {
  const { method, target, fields, body, bodyBytes } = ask
  if (unsafeTarget.test(target) || unsafeTarget.test(method)) return undefined
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (let at = 0; at < fields.length; at += 2) {
    const value = fields[at + 1]!
    if (unsafe.test(value) || unsafe.test(fields[at]!)) return undefined
    head += `${fields[at]}: ${value}\r\n`
  }
  if (bodyBytes !== undefined) head += `Content-Length: ${bodyBytes}\r\n\r\n`
  else if (body !== undefined) head += 'Transfer-Encoding: chunked\r\n\r\n'
  else head += bodyMethods.has(method) ? 'Content-Length: 0\r\n\r\n' : '\r\n'
  const expected = { method, isUpgrade: false, allowUnknownTransferCoding: false }
  return { head, body, isChunked: body !== undefined && bodyBytes === undefined, expected }
}
