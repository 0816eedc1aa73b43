// Answers of origins that began in this turn of the loop: they go out together at its end. Most bodies begin with their
// head, and to send both together saves a system call; and a client on the same machine that is woken once for several
// answers, not for each, makes each a tenth cheaper.
import { type Head, keepHead } from './responder.js'

/** Above this it is not worth a copy to send a body together with others of this turn. */
const soonBytesMax = 16_384
/** Above this one behind which the connection closes is a stream. */
export const wholeBytesMax = 65_536

/** One whose head is not sent yet. `mustBeWhole`: it waits for all of its body, however that comes. */
export class Opened {
  readonly head: Head
  readonly contentLength: number | undefined
  readonly mustBeWhole: boolean
  #pieces: Uint8Array[] = []
  #bytes = 0

  constructor(head: Head, contentLength: number | undefined, mustBeWhole: boolean) {
    // A store's view of it does not outlive the call.
    this.head = mustBeWhole || head.lasts === undefined ? keepHead(head) : head
    this.contentLength = contentLength
    this.mustBeWhole = mustBeWhole
  }

  get hasBody(): boolean {
    return this.#bytes === this.contentLength
  }

  /** Whether this piece is all of its body. */
  isWholeBy(chunk: Uint8Array): boolean {
    return chunk.length === this.contentLength
  }

  get body(): Uint8Array {
    return this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
  }

  /** Takes a copy of a short body that is whole, or of any piece of one that must be; else false. */
  take(chunk: Uint8Array): boolean {
    const isShort = chunk.length <= soonBytesMax && this.isWholeBy(chunk)
    if (!isShort && !this.mustBeWhole) return false
    this.#pieces.push(this.mustBeWhole ? Buffer.from(chunk) : copyForTurn(chunk))
    this.#bytes += chunk.length
    return true
  }
}

/**
 * What waits for the end of this turn, one behind the other: a buffer for each would cost more than all else of a short
 * answer.
 */
export const turnBuffer = Buffer.allocUnsafeSlow(1024 * 1024)
let turnBytesUsed = 0

/** Where there is room for so many bytes in `turnBuffer`, until what is opened now is sent; -1 when there is none. */
export function reserveForTurn(bytes: number): number {
  // Nothing waits.
  if (senders.length === 0 && !isSending) turnBytesUsed = 0
  const from = turnBytesUsed
  if (bytes > turnBuffer.length - from) return -1
  turnBytesUsed += bytes
  return from
}

function copyForTurn(chunk: Uint8Array): Uint8Array {
  const from = reserveForTurn(chunk.length)
  if (from < 0) return Buffer.from(chunk)
  turnBuffer.set(chunk, from)
  return turnBuffer.subarray(from, from + chunk.length)
}

export interface Sender {
  /** What it has opened goes out now, if it has not yet. */
  sendOpened(): void
}

let senders: Sender[] = []
let isSending = false

export function sendSoon(sender: Sender): void {
  if (senders.push(sender) === 1) setImmediate(sendAll)
}

function sendAll(): void {
  const all = senders
  senders = []
  isSending = true
  for (const sender of all) sender.sendOpened()
  isSending = false
}
