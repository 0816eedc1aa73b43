// Reads the frames of a WebSocket server (RFC 6455 5), however their bytes are cut: messages in the pieces in which they
// come, so that none has to fit into memory, control frames whole. Strict: what two readers might read differently ends it.
import { isUtf8 } from 'node:buffer'
import { EdgeError } from '../../error.js'
import { isWritable, noCode } from './close.js'
import { opcodes } from './frames.js'

export interface FrameEvents {
  /** A piece of a message, a view that is valid during the call only. All but the last of a message hold something. */
  onPiece(piece: Buffer, what: Piece): void
  onPing(payload: Buffer): void
  onPong(payload: Buffer): void
  /** The last event. `code` 1005 when there is none. */
  onClose(code: number, reason: Buffer): void
}

export interface Piece {
  readonly isBinary: boolean
  readonly isFirst: boolean
  readonly isLast: boolean
}

const headBytesMax = 10
const controlBytesMax = 125

export class FrameReader {
  readonly #events: FrameEvents
  readonly #head = Buffer.alloc(headBytesMax)
  #headBytes = 0
  /** Of the present frame: still to come; negative while its head is. */
  #left = -1
  #opcode = 0
  #isFinal = false
  /** Of a control frame, as far as it has come. */
  #control: Buffer[] = []
  /** The opcode of the message that is under way; 0 between two. */
  #message = 0
  /** Of that message nothing has been handed on. */
  #isUntouched = true
  #isOver = false

  constructor(events: FrameEvents) {
    this.#events = events
  }

  /** Throws `bad-frame`. After a Close, or `stop`, the rest is ignored. */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.#isOver) {
      at = this.#left < 0 ? this.#readHead(bytes, at) : this.#readPayload(bytes, at)
    }
  }

  stop(): void {
    this.#isOver = true
  }

  #readHead(bytes: Buffer, at: number): number {
    this.#head[this.#headBytes] = bytes[at]!
    this.#headBytes += 1
    if (this.#headBytes < 2) return at + 1
    const size = this.#head[1]! & 0x7f
    const wanted = size < 126 ? 2 : size === 126 ? 4 : headBytesMax
    if (this.#headBytes === 2) this.#judgeHead(size)
    if (this.#headBytes === wanted) this.#begin(size)
    return at + 1
  }

  #judgeHead(size: number): void {
    const [first, second] = [this.#head[0]!, this.#head[1]!]
    this.#isFinal = (first & 0x80) !== 0
    this.#opcode = first & 0x0f
    if ((first & 0x70) !== 0) throw badFrame('reserved bits')
    if ((second & 0x80) !== 0) throw badFrame('a masked frame of a server')
    if (this.#opcode >= opcodes.close) {
      if (this.#opcode > opcodes.pong) throw badFrame(`the opcode ${this.#opcode}`)
      if (!this.#isFinal || size > controlBytesMax) throw badFrame('a control frame in parts or too long')
    } else if (this.#opcode > opcodes.binary) throw badFrame(`the opcode ${this.#opcode}`)
    else if ((this.#opcode === opcodes.continuation) !== (this.#message !== 0))
      throw badFrame('a message within another, or the rest of none')
  }

  /** The head is whole. */
  #begin(size: number): void {
    this.#headBytes = 0
    this.#left = size < 126 ? size : this.#longSize(size)
    if (this.#opcode === opcodes.text || this.#opcode === opcodes.binary) {
      this.#message = this.#opcode
      this.#isUntouched = true
    }
    if (this.#left === 0) this.#endOfFrame(Buffer.alloc(0))
  }

  #longSize(size: number): number {
    const bytes = size === 126 ? this.#head.readUInt16BE(2) : Number(this.#head.readBigUInt64BE(2))
    // RFC 6455 5.2: in as few bytes as possible; and beyond 2^53 no number here is exact.
    if (bytes < (size === 126 ? 126 : 65_536)) throw badFrame('a length written longer than it has to be')
    if (!Number.isSafeInteger(bytes)) throw badFrame('a frame without end')
    return bytes
  }

  #readPayload(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    const piece = bytes.subarray(at, end)
    this.#left -= piece.length
    if (this.#left === 0) this.#endOfFrame(piece)
    else if (this.#opcode >= opcodes.close) this.#control.push(Buffer.from(piece))
    else this.#handOn(piece, false)
    return end
  }

  #endOfFrame(piece: Buffer): void {
    this.#left = -1
    if (this.#opcode >= opcodes.close) return this.#endOfControl(piece)
    if (this.#isFinal || piece.length > 0) this.#handOn(piece, this.#isFinal)
  }

  #handOn(piece: Buffer, isLast: boolean): void {
    const isBinary = this.#message === opcodes.binary
    const isFirst = this.#isUntouched
    this.#isUntouched = false
    if (isLast) this.#message = 0
    this.#events.onPiece(piece, { isBinary, isFirst, isLast })
  }

  #endOfControl(piece: Buffer): void {
    const payload = this.#control.length === 0 ? piece : Buffer.concat([...this.#control, piece])
    this.#control = []
    if (this.#opcode === opcodes.ping) return this.#events.onPing(payload)
    if (this.#opcode === opcodes.pong) return this.#events.onPong(payload)
    this.#isOver = true
    const { code, reason } = readClose(payload)
    this.#events.onClose(code, reason)
  }
}

function readClose(payload: Buffer): { code: number; reason: Buffer } {
  if (payload.length === 0) return { code: noCode, reason: payload }
  const code = payload.length === 1 ? 0 : payload.readUInt16BE(0)
  const reason = payload.subarray(2)
  if (!isWritable(code)) throw badFrame('a Close with a code that is none')
  if (!isUtf8(reason)) throw badFrame('a Close whose reason is no UTF-8')
  return { code, reason }
}

function badFrame(what: string): EdgeError {
  return new EdgeError('bad-frame', `the origin sent ${what}`, { source: 'origin', status: 502 })
}
