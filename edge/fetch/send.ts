// Sends one request to one origin and reports what comes back, each event once: an exchange with its limits in time.
// How it travels is pool.ts's and connection.ts's; what to send is forward.ts's and ask.ts's; what the answer means is
// the path's.
import { performance } from 'node:perf_hooks'
import type { Upload } from '../accept/upload.js'
import type { EdgeError } from '../error.js'
import type { Fields } from '../http/fields.js'
import { handshakeFault } from '../http/web-socket.js'
import type { AnswerHandler } from './answer-handler.js'
import type { Connection } from './connection.js'
import type { ConnectionUser } from './connection-user.js'
import type { OrdinaryAsk } from './envelope.js'
import type { KnownAnswer } from './known-answer.js'
import { LateTimer } from './late-timer.js'
import type { Origin } from './origin.js'
import {
  badResponse,
  betweenBytesTimeout,
  firstByteTimeout,
  originBusy,
  originError,
  originSwapped,
  type Phase,
  totalTimeout,
  unsendable,
} from './origin-error.js'
import { type Outgoing, outgoingOf } from './outgoing.js'
import type { Outlet } from './outlet.js'
import type { Waiting } from './pool.js'

/** One request as the origin gets it: fields complete but for the framing, which is added here. */
export interface Ask {
  method: string
  target: string
  fields: string[]
  /** Lines that go behind the first of the fields as they are: known to be sound. */
  lines?: string | undefined
  /** Instead of all fields and lines. */
  ordinary?: OrdinaryAsk | undefined
  body: Upload | undefined
  /** Length of `body` when it is known; otherwise it goes chunked. */
  bodyBytes: number | undefined
  totalMs: number
  /** When that is over, monotonic clock; absent means it begins now. */
  endsAtMs?: number
  /** Not over a connection that has been used: one of those has just been closed under it. */
  isFresh?: boolean
  /** Of one that opens a WebSocket. */
  handshake?: OriginHandshake | undefined
}

/** What a 101 has to agree with. */
export interface OriginHandshake {
  /** Its Sec-WebSocket-Accept. */
  accept: string
  /** The subprotocols offered. */
  protocols: readonly string[]
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
  readonly #handshake: OriginHandshake | undefined
  readonly #totalMs: number
  /** Monotonic clock. */
  #endsAtMs = 0
  #stage: Stage = 'connection'
  #stageEndsAtMs = Number.POSITIVE_INFINITY
  /** While it has no connection, whose own is for all that it carries. */
  #timer: LateTimer | undefined
  #isOver = false
  #connection: Connection | undefined
  isReused = false

  constructor(origin: Origin, handler: AnswerHandler, { totalMs, handshake }: Ask) {
    this.#origin = origin
    this.#handler = handler
    this.#handshake = handshake
    this.#totalMs = totalMs
    origin.active += 1
  }

  start(ask: Ask): void {
    const { pool, timeouts } = this.#origin
    const nowMs = performance.now()
    this.#endsAtMs = ask.endsAtMs ?? nowMs + ask.totalMs
    if (pool.isClosed) return this.#stop(originSwapped(this.#origin.url))
    const outgoing = outgoingOf(ask, this.#origin.allowUnknownTransferCoding)
    if (outgoing === undefined) return this.#stop(unsendable())
    this.outgoing = outgoing
    pool.add(this, ask.isFresh ?? false, nowMs)
    if (this.#connection === undefined) this.#await('connection', timeouts.connectMs, nowMs)
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

  onStart(connection: Connection, nowMs: number): void {
    this.#timer?.stop()
    this.#connection = connection
    this.isReused = connection.freeSinceMs > 0
    // Before it stands the time limit is the connection's own.
    if (connection.isConnected) this.#await('firstByte', this.#origin.timeouts.firstByteMs, nowMs)
    else this.#await('connection', Number.POSITIVE_INFINITY, nowMs)
  }

  onConnected(): void {
    this.#await('firstByte', this.#origin.timeouts.firstByteMs)
  }

  onInterim(status: number, fields: Fields): void {
    this.#handler.onInterim?.(status, fields)
    if (this.#stage === 'firstByte') this.#await('firstByte', this.#origin.timeouts.firstByteMs)
  }

  onKnownHead(known: KnownAnswer): boolean {
    if (this.#handler.onKnownHead?.(known) !== true) return false
    this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs, this.#connection!.readMs)
    return true
  }

  onHead(status: number, fields: Fields): void {
    this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs, this.#connection!.readMs)
    this.#handler.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    if (this.#isOver) return true
    const mayGoOn = this.#handler.onBody(chunk)
    // Who reads slowly makes no origin slow.
    if (mayGoOn) this.#await('moreBytes', this.#origin.timeouts.betweenBytesMs, this.#connection!.readMs)
    else this.#await('paused', Number.POSITIVE_INFINITY)
    return mayGoOn
  }

  get outlet(): Outlet | undefined {
    return this.#handler.outlet
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

  onSwitch(fields: Fields, rest: Buffer): void {
    const { accept, protocols } = this.#handshake!
    const fault = handshakeFault(fields, accept, protocols)
    if (fault !== undefined) return this.#stop(badResponse(fault))
    this.#finish()
    this.#handler.onSwitch?.(fields, rest, this.#connection!)
  }

  #await(stage: Stage, limitMs: number, nowMs = performance.now()): void {
    if (this.#isOver) return
    this.#stage = stage
    this.#stageEndsAtMs = nowMs + limitMs
    this.#arm(nowMs)
  }

  #arm(nowMs: number): void {
    this.#timerNow().arm(Math.min(this.#stageEndsAtMs, this.#endsAtMs), nowMs)
  }

  #timerNow(): LateTimer {
    if (this.#connection !== undefined) return this.#connection.timer
    this.#timer ??= new LateTimer(nowMs => this.onTime(nowMs))
    return this.#timer
  }

  onTime(nowMs: number): void {
    if (this.#isOver) return
    if (nowMs >= this.#endsAtMs) return this.#stop(totalTimeout(this.#totalMs))
    if (nowMs >= this.#stageEndsAtMs) this.#stageOver()
    if (!this.#isOver) this.#arm(nowMs)
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
    this.#timer?.stop()
  }
}
