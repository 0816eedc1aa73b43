// How the bytes of a connection to an origin are read: through the stream of its socket until it stands, and past it from
// then on where that is possible (native/gather.ts), as the stream costs more around each read than the read itself.
import type { Socket } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { type Gathered, gather } from '../../native/index.js'

export interface ReadingUser {
  /** A view that is valid during the call only. */
  onBytes(bytes: Buffer): void
  /** The last event; `error` is what broke it. */
  onBytesEnd(error?: Error): void
}

export class Reading {
  readonly #socket: Socket
  /** Undefined while it goes through the stream, of which its owner hears by itself. */
  #gathered: Gathered | undefined
  #isPaused = false

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
