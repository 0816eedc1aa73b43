// Reads the responses of one connection, however their bytes are cut: heads once they are whole, bodies as they come.
// What a head may be is response-head.ts's, the connection connection.ts's.
import type { EdgeError } from '../error.js'
import type { Fields } from '../http/fields.js'
import { mayHaveBody } from '../http/status.js'
import { ChunkedBody } from './chunked.js'
import { type KnownAnswer, knownAnswers } from './known-answer.js'
import { badResponse, closedEarly } from './origin-error.js'
import { framingOf, parseHead, type ResponseHead } from './response-head.js'

export interface ResponseEvents {
  /** 1xx but for 101. */
  onInterim(status: number, fields: Fields): void
  /** Takes the head without reading it, in place of `onHead`; false declines it, without having done anything. */
  onKnownHead?(known: KnownAnswer): boolean
  onHead(status: number, fields: Fields): void
  /** A view that is valid during the call only. */
  onBody(piece: Buffer): void
  /** So many bytes of a body are still to come; returns how many of them will not come here, as they went elsewhere. */
  onRest?(bytes: number): number
  /** The connection now speaks something else; `rest` came behind the head and is valid during the call only. */
  onUpgrade(fields: Fields, rest: Buffer): void
  /** `isReusable`: another request may be written to this connection. */
  onEnd(isReusable: boolean): void
}

export interface Expected {
  method: string
  /** The request asks for an upgrade: 101 is an answer to it. */
  isUpgrade: boolean
  allowUnknownTransferCoding: boolean
}

/** Bytes of a response's head; beyond it the answer is unusable (502). */
export const headBytesMax = 65_536
/** RFC 9110 15.2: a client must be able to parse interim responses it did not ask for; not endlessly many. */
export const interimMax = 16

const headEnd = Buffer.from('\r\n\r\n')
const cr = 13
const lf = 10

type State = 'idle' | 'head' | 'length' | 'chunked' | 'close' | 'failed'

export class ResponseParser {
  readonly #events: ResponseEvents
  #state: State = 'idle'
  #expected: Expected | undefined
  /** What has come of a head that is not whole. */
  #partial: Buffer | undefined
  #left = 0
  #chunked: ChunkedBody | undefined
  #isPersistent = false
  #interim = 0

  constructor(events: ResponseEvents) {
    this.#events = events
  }

  /** The next response answers this. */
  begin(expected: Expected): void {
    this.#expected = expected
    this.#state = 'head'
    this.#interim = 0
  }

  /**
   * Throws `bad-response` (RFC 9112, http-rules.md 9); the connection is of no use then. What a handler throws passes
   * through. After `stop` the rest is ignored.
   */
  push(bytes: Buffer): void {
    if (this.#state === 'idle' && bytes.length > 0) throw badResponse('bytes that nobody asked for')
    let at = 0
    while (at < bytes.length && this.#isReading()) at = this.#read(bytes, at)
  }

  /** No further event, whatever comes. */
  stop(): void {
    this.#state = 'failed'
    this.#partial = undefined
  }

  /** The origin has closed its side: the end of a body that nothing else ends, else throws what it is. */
  close(): void {
    const state = this.#state
    if (state === 'failed' || state === 'idle') return
    if (state === 'close') return this.#end(false)
    const isAnswered = state !== 'head' || this.#partial !== undefined
    this.stop()
    throw closedEarly(state === 'head' ? (isAnswered ? 'head' : 'nothing') : 'body')
  }

  #isReading(): boolean {
    return this.#state !== 'idle' && this.#state !== 'failed'
  }

  #read(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at)
      case 'length': {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        this.#events.onBody(bytes.subarray(at, end))
        if (this.#left > 0) this.#left -= this.#events.onRest?.(this.#left) ?? 0
        if (this.#left === 0) this.#endOfBody(end === bytes.length)
        return end
      }
      case 'chunked': {
        const chunked = this.#chunked!
        const end = chunked.push(bytes, at, this.#takeBody)
        if (chunked.isOver) this.#endOfBody(end === bytes.length)
        return end
      }
      case 'close':
        this.#events.onBody(bytes.subarray(at))
        return bytes.length
      case 'idle':
      case 'failed':
        return bytes.length
    }
  }

  readonly #takeBody = (piece: Buffer): void => {
    if (this.#state === 'chunked') this.#events.onBody(piece)
  }

  #readHead(bytes: Buffer, at: number): number {
    const partial = this.#partial
    if (partial === undefined) {
      const known = this.#readKnown(bytes, at)
      if (known >= 0) return known
      const end = bytes.indexOf(headEnd, at)
      if (end < 0) return this.#keepPartial(bytes.subarray(at))
      if (end - at > headBytesMax) throw tooLong()
      return this.#gotHead(bytes.toString('latin1', at, end + 2), bytes, end + 4)
    }
    // The end may be cut: look for it from three bytes before what is new.
    const whole = Buffer.concat([partial, bytes.subarray(at)])
    const end = whole.indexOf(headEnd, Math.max(0, partial.length - 3))
    if (end < 0) return this.#keepPartial(whole, bytes.length)
    if (end > headBytesMax) throw tooLong()
    this.#partial = undefined
    return this.#gotHead(whole.toString('latin1', 0, end + 2), bytes, at + end + 4 - partial.length)
  }

  /** Where the body begins; -1 for a head that is to be read whole. */
  #readKnown(bytes: Buffer, at: number): number {
    const { method, isUpgrade } = this.#expected!
    if (method !== 'GET' || isUpgrade || this.#events.onKnownHead === undefined) return -1
    const known = knownAnswers?.read(bytes, at)
    return known === undefined ? -1 : this.#gotKnown(known, bytes, at + known.headBytes)
  }

  #gotKnown(known: KnownAnswer, bytes: Buffer, at: number): number {
    const { contentLength, shape, status } = known
    if (!mayHaveBody(status) || known.headBytes > headBytesMax) return -1
    this.#isPersistent = shape.isPersistent
    this.#state = contentLength === undefined ? 'chunked' : 'length'
    this.#left = contentLength ?? 0
    this.#chunked = contentLength === undefined ? new ChunkedBody() : undefined
    if (this.#events.onKnownHead!(known)) {
      if (contentLength === 0 && this.#state === 'length') this.#endOfBody(at === bytes.length)
      return at
    }
    this.#state = 'head'
    return -1
  }

  #keepPartial(partial: Buffer, end = -1): number {
    if (partial.length > headBytesMax) throw tooLong()
    // An end of line of another kind would be waited behind for ever.
    if (hasBareLineFeed(partial)) throw badResponse('a bare line feed in its head')
    this.#partial = end < 0 ? Buffer.from(partial) : partial
    return end < 0 ? Number.POSITIVE_INFINITY : end
  }

  /** `at`: behind the head, in `bytes`. */
  #gotHead(text: string, bytes: Buffer, at: number): number {
    const head = parseHead(text)
    if (head.status === 101) return this.#switch(head, bytes, at)
    if (head.status < 200) {
      this.#interim += 1
      if (this.#interim > interimMax) throw badResponse(`more than ${interimMax} interim responses`)
      this.#events.onInterim(head.status, head.fields)
      return at
    }
    const { method, allowUnknownTransferCoding } = this.#expected!
    const { status, fields } = head
    const framing = framingOf({ method, status, fields, allowUnknownTransferCoding })
    this.#isPersistent = head.isPersistent && framing.kind !== 'close'
    this.#state = framing.kind === 'none' ? 'length' : framing.kind
    this.#left = framing.kind === 'length' ? framing.bytes : 0
    this.#chunked = framing.kind === 'chunked' ? new ChunkedBody() : undefined
    this.#events.onHead(head.status, head.fields)
    if (framing.kind === 'none' && this.#state === 'length') this.#endOfBody(at === bytes.length)
    return at
  }

  #switch({ fields }: ResponseHead, bytes: Buffer, at: number): number {
    if (!this.#expected!.isUpgrade) throw badResponse('101 that was not asked for')
    this.stop()
    this.#events.onUpgrade(fields, bytes.subarray(at))
    return bytes.length
  }

  /** What comes behind an answer belongs to none: the connection is not used again. */
  #endOfBody(isLast: boolean): void {
    if (this.#state !== 'failed') this.#end(this.#isPersistent && isLast)
  }

  #end(isReusable: boolean): void {
    this.#state = 'idle'
    this.#chunked = undefined
    this.#events.onEnd(isReusable)
  }
}

function hasBareLineFeed(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(lf); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (at === 0 || bytes[at - 1] !== cr) return true
  }
  return false
}

function tooLong(): EdgeError {
  return badResponse(`a head of more than ${headBytesMax} bytes`)
}
