// How the bytes of a connection to an origin are read: through the stream of its socket until it stands, and past it from
// then on where that is possible (native/gather.ts), as the stream costs more around each read than the read itself.
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { type Gathered, gather } from '../../native/index.js'
import type { Outlet } from './outlet.js'

export interface ReadingUser {
  /** A view that is valid during the call only. */
  onBytes(bytes: Buffer): void
  /** The last event; `error` is what broke it. */
  onBytesEnd(error?: Error): void
}

/** Of a body that is passed on. */
export interface PassingUser extends ReadingUser {
  /** A piece that came here all the same. */
  onBody(piece: Buffer): void
}

/** So much is read where the rest is passed on: most heads with the bodies that are not worth it. */
export const shortBytesMax = 12_288
/** As much as there is room for. */
const longBytesMax = 1_048_576
/** Less than this is read: it costs less than to tell the kernel twice. */
const passedBytesMin = 8_192

export class Reading {
  readonly #socket: Socket
  /** Undefined while it goes through the stream, of which its owner hears by itself. */
  #gathered: Gathered | undefined
  #isPaused = false
  #isShort = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** The connection stands, and nothing of it was read. `descriptor`: -1 for one that only its stream can read. */
  begin(descriptor: number, user: ReadingUser): void {
    if (descriptor < 0) return
    this.#gathered = gather(descriptor, {
      onBytes: bytes => user.onBytes(bytes),
      onBytesEnd: error => user.onBytesEnd(error === 0 ? undefined : readFailure(error)),
    })
    if (this.#gathered !== undefined) this.#socket.pause()
  }

  /** The head of an answer is there. The next ones, it is thought, go where this does: what is passed on must not be read. */
  expect(outlet: Outlet | undefined): void {
    const isShort = outlet !== undefined
    if (isShort === this.#isShort) return
    this.#isShort = isShort
    this.#gathered?.limit(isShort ? shortBytesMax : longBytesMax)
  }

  /**
   * Moves what is there of the rest of a body, of at most so many bytes, on to `outlet`, if that is possible now. Returns how
   * many have come, with those that the outlet did not take: the user gets them.
   */
  passOn(outlet: Outlet, bytesMax: number, user: PassingUser): number {
    if (this.#gathered === undefined || this.#isPaused || bytesMax < passedBytesMin || !outlet.isFree)
      return 0
    const { bytes, rest, error } = this.#gathered.passOn(outlet.response, bytesMax)
    if (bytes > 0) outlet.passed(bytes)
    if (rest !== undefined) user.onBody(rest)
    if (error !== 0) user.onBytesEnd(readFailure(error))
    return bytes + (rest?.length ?? 0)
  }

  pause(): void {
    this.#isPaused = true
    if (this.#gathered === undefined) this.#socket.pause()
    else this.#gathered.stop()
  }

  resume(): void {
    if (this.#gathered === undefined) this.#socket.resume()
    else if (this.#isPaused) this.#gathered.goOn()
    this.#isPaused = false
  }

  /** From now on it is the stream that reads, and it is not paused. */
  giveBack(): void {
    if (this.#gathered === undefined) return
    this.stop()
    this.#socket.resume()
  }

  /** Before the socket is destroyed. */
  stop(): void {
    this.#gathered?.leave()
    this.#gathered = undefined
  }
}

/** As of the stream. */
function readFailure(errno: number): Error {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`read ${code}`), { code, errno, syscall: 'read' })
}
