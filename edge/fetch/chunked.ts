// Undoes the chunked transfer coding of one message (RFC 9112 7.1), however its bytes are cut. Extensions and trailers
// are dropped; what is not exactly as the RFC writes it is refused, since two readers might see two messages in it.
import type { EdgeError } from '../error.js'
import { badResponse } from './origin-error.js'

/** A size of more digits is beyond any body; 13 are still exact in a number. */
const sizeDigitsMax = 13
/** Extensions have no use here: over all chunks of a body no more than this is read past (CVE-2023-39326). */
export const extensionBytesMax = 16_384
export const trailerBytesMax = 16_384

const cr = 13
const lf = 10
const tab = 9
const space = 32
const semicolon = 59

type State =
  | 'size'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer-start'
  | 'trailer'
  | 'trailer-lf'
  | 'end-lf'
  | 'over'

export class ChunkedBody {
  #state: State = 'size'
  #digits = 0
  /** Of the present chunk, still to come. */
  #left = 0
  #extensionBytes = 0
  #trailerBytes = 0

  get isOver(): boolean {
    return this.#state === 'over'
  }

  /**
   * Reads `bytes` from `at` on, gives pieces of the body (views) to `take`, and returns where it stopped: at the end of
   * `bytes`, or behind the last byte of the body. Throws `bad-response`.
   */
  push(bytes: Buffer, at: number, take: (piece: Buffer) => void): number {
    let here = at
    while (here < bytes.length && this.#state !== 'over') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, here + this.#left)
        this.#left -= end - here
        if (this.#left === 0) this.#state = 'data-cr'
        take(bytes.subarray(here, end))
        here = end
      } else {
        this.#step(bytes[here])
        here += 1
      }
    }
    return here
  }

  /** One byte of what is around the data. */
  #step(byte: number): void {
    switch (this.#state) {
      case 'size':
        return this.#size(byte)
      case 'extension':
        this.#extensionBytes += 1
        if (this.#extensionBytes > extensionBytesMax) throw bad('the extensions of its chunks are too long')
        if (byte === cr) this.#state = 'size-lf'
        else if (!isFieldByte(byte)) throw bad('a control character in the extension of a chunk')
        return
      case 'size-lf':
        return this.#expect(byte, lf, this.#left > 0 ? 'data' : 'trailer-start')
      case 'data-cr':
        return this.#expect(byte, cr, 'data-lf')
      case 'data-lf':
        this.#digits = 0
        return this.#expect(byte, lf, 'size')
      case 'trailer-start':
        if (byte === cr) this.#state = 'end-lf'
        else this.#trailer(byte)
        return
      case 'trailer':
        return this.#trailer(byte)
      case 'trailer-lf':
        return this.#expect(byte, lf, 'trailer-start')
      case 'end-lf':
        return this.#expect(byte, lf, 'over')
      case 'data':
      case 'over':
        throw new Error(`no step in ${this.#state}`)
    }
  }

  #size(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#digits += 1
      if (this.#digits > sizeDigitsMax) throw bad('a chunk without end')
      this.#left = this.#left * 16 + digit
      return
    }
    if (this.#digits === 0) throw bad('a chunk without a size')
    if (byte === cr) this.#state = 'size-lf'
    // RFC 9112 7.1.1 allows white space before the semicolon; where nothing follows it, it is an error.
    else if (byte === semicolon) this.#state = 'extension'
    else throw bad('a malformed chunk size')
  }

  #trailer(byte: number): void {
    this.#trailerBytes += 1
    if (this.#trailerBytes > trailerBytesMax) throw bad('its trailers are too long')
    if (byte === cr) this.#state = 'trailer-lf'
    else if (isFieldByte(byte)) this.#state = 'trailer'
    else throw bad('a control character in a trailer')
  }

  #expect(byte: number, wanted: number, next: State): void {
    if (byte !== wanted) throw bad('malformed chunks')
    this.#state = next
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function isFieldByte(byte: number): boolean {
  return byte === tab || (byte >= space && byte !== 127)
}

function bad(message: string): EdgeError {
  return badResponse(message)
}
