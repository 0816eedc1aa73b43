// Sends one request to one origin and reports what comes back, each event once: an exchange with its limits in time.
// How it travels is pool.ts's and connection.ts's; what to send is forward.ts's and ask.ts's; what the answer means is
// the path's.
import type { Upload } from '../accept/upload.js'
import type { EdgeError } from '../error.js'
import type { Fields } from '../http/fields.js'
import type { Connection, ConnectionUser, Outgoing } from './connection.js'
import type { Origin } from './origin.js'
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
  /** When that is over, monotonic clock; absent means it begins now. */
  endsAtMs?: number
  /** Not over a connection that has been used: one of those has just been closed under it. */
  isFresh?: boolean
}

/** Events of one answer: head, body..., then end or error. After `abort` there are none. */
export interface AnswerHandler {
  onHead(status: number, fields: Fields): void
  /** A view that is valid during the call only; false pauses the origin until `resume`. */
  onBody(chunk: Buffer): boolean
  onEnd(): void
  /** Once, instead of the end: before the head or in the middle of the body. */
  onError(error: EdgeError): void
}

export interface Sending {
  /** Its connection had carried other requests before. */
  readonly isReused: boolean
  resume(): void
  abort(): void
}

/** `onError` may come before it returns. */
export function send(origin: Origin, ask: Ask, handler: AnswerHandler): Sending {
  const exchange = new OriginExchange(origin, handler, ask)
  exchange.start(ask)
  return exchange
}

/** What it waits for, and `paused` for its client. */
type Stage = 'connection' | 'firstByte' | 'moreBytes' | 'paused'

class OriginExchange implements Sending, ConnectionUser, Waiting {
  readonly user = this
  outgoing!: Outgoing
  readonly #origin: Origin
  readonly #handler: AnswerHandler
  readonly #totalMs: number
  /** Monotonic clock. */
  readonly #endsAtMs: number
  #stage: Stage = 'connection'
  #stageEndsAtMs = Number.POSITIVE_INFINITY
  /** One for all limits: it looks which of them is over, as most of them are never. */
  #timer: NodeJS.Timeout | undefined
  #timerAtMs = Number.POSITIVE_INFINITY
  #isOver = false
  #connection: Connection | undefined
  isReused = false

  constructor(origin: Origin, handler: AnswerHandler, { totalMs, endsAtMs }: Ask) {
    this.#origin = origin
    this.#handler = handler
    this.#totalMs = totalMs
    this.#endsAtMs = endsAtMs ?? performance.now() + totalMs
    origin.active += 1
  }

  start(ask: Ask): void {
    const { pool, timeouts } = this.#origin
    if (pool.isClosed) return this.#stop(originSwapped(this.#origin.url))
    const outgoing = outgoingOf(ask, this.#origin.allowUnknownTransferCoding)
    if (outgoing === undefined) return this.#stop(unsendable())
    this.outgoing = outgoing
    pool.add(this, ask.isFresh ?? false)
    if (this.#connection === undefined) this.#await('connection', timeouts.connectMs)
  }

  resume(): void {
    if (this.#isOver) return
    this.#connection?.resume()
    if (this.#stage === 'paused') this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs)
  }

  abort(): void {
    if (this.#isOver) return
    this.#finish()
    this.#release()
  }

  onStart(connection: Connection): void {
    this.#connection = connection
    this.isReused = connection.freeSinceMs > 0
    if (connection.isConnected) return this.onConnected()
    // Its own time limit is the connection's.
    this.#await('connection', Number.POSITIVE_INFINITY)
  }

  onConnected(): void {
    this.#await('firstByte', this.#origin.timeouts.firstByteMs)
  }

  onInterim(): void {
    if (this.#stage === 'firstByte') this.#await('firstByte', this.#origin.timeouts.firstByteMs)
  }

  onHead(status: number, fields: Fields): void {
    this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs)
    this.#handler.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    if (this.#isOver) return true
    const mayGoOn = this.#handler.onBody(chunk)
    // Who reads slowly makes no origin slow.
    if (mayGoOn) this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs)
    else this.#await('paused', Number.POSITIVE_INFINITY)
    return mayGoOn
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

  #await(stage: Stage, limitMs: number): void {
    if (this.#isOver) return
    this.#stage = stage
    this.#stageEndsAtMs = performance.now() + limitMs
    this.#arm()
  }

  #arm(): void {
    const atMs = Math.min(this.#stageEndsAtMs, this.#endsAtMs)
    // One that is early looks again.
    if (this.#timerAtMs <= atMs) return
    clearTimeout(this.#timer)
    this.#timerAtMs = atMs
    this.#timer = setTimeout(this.#look, Math.ceil(atMs - performance.now()))
  }

  readonly #look = (): void => {
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const nowMs = performance.now()
    if (nowMs >= this.#endsAtMs) return this.#stop(totalTimeout(this.#totalMs))
    if (nowMs >= this.#stageEndsAtMs) this.#stageOver()
    if (!this.#isOver) this.#arm()
  }

  #stageOver(): void {
    const { firstByteMs, betweenBytesMs } = this.#origin.timeouts
    if (this.#stage === 'connection') return this.#stop(originBusy(this.#origin.url))
    if (this.#stage === 'moreBytes') return this.#stop(betweenBytesTimeout(betweenBytesMs))
    // RFC 9110 10.1.1 aside, an origin may wait for the whole request before it says a word.
    if (this.#connection?.isUploading === true) return this.#await('firstByte', firstByteMs)
    this.#stop(firstByteTimeout(firstByteMs))
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
    clearTimeout(this.#timer)
  }
}

/** RFC 9110 8.6: a request of these without a body says so. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])
// What is neither a visible character nor a space in a target or a method.
const unsafeTarget = /[^\x21-\xff]/

/** Undefined when it cannot be written as one request. */
function outgoingOf(ask: Ask, allowUnknownTransferCoding: boolean): Outgoing | undefined {
  const { method, target, fields, body, bodyBytes } = ask
  if (unsafeTarget.test(target) || unsafeTarget.test(method)) return undefined
  let head = `${method} ${target} HTTP/1.1\r\n`
  for (let at = 0; at < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`
  if (!isHeadOf(head, fields.length / 2 + 1)) return undefined
  if (bodyBytes !== undefined) head += `Content-Length: ${bodyBytes}\r\n\r\n`
  else if (body !== undefined) head += 'Transfer-Encoding: chunked\r\n\r\n'
  else head += bodyMethods.has(method) ? 'Content-Length: 0\r\n\r\n' : '\r\n'
  const expected = { method, isUpgrade: false, allowUnknownTransferCoding }
  return { head, body, isChunked: body !== undefined && bodyBytes === undefined, expected }
}

/**
 * Whether it is so many lines and nothing else: a line feed too many would begin another line, or another request
 * (RFC 9112 11.1, 11.2), and other control characters no value has (RFC 9110 5.5).
 */
function isHeadOf(head: string, lines: number): boolean {
  let ends = 0
  for (let at = 0; at < head.length; at += 1) {
    const code = head.charCodeAt(at)
    if (code >= 32 && code !== 127) continue
    if (code === 13 && head.charCodeAt(at + 1) === 10) {
      ends += 1
      at += 1
    } else if (code !== 9) return false
  }
  return ends === lines
}
