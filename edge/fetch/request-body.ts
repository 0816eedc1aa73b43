// The body of one request on its way into the connection: not faster than the origin takes it (http-rules.md 8). Where
// it waits until then is accept/upload.ts's.
import type { Socket } from 'node:net'
import type { Upload } from '../accept/upload.js'

const lastChunk = '0\r\n\r\n'

export class RequestBody {
  readonly #socket: Socket
  readonly #upload: Upload
  readonly #isChunked: boolean
  readonly #onError: (error: unknown) => void
  #isStarted = false
  #isOver = false
  #isDropped = false

  constructor(socket: Socket, upload: Upload, isChunked: boolean, onError: (error: unknown) => void) {
    this.#socket = socket
    this.#upload = upload
    this.#isChunked = isChunked
    this.#onError = onError
    upload.on('error', this.#failed)
    if (upload.errored !== null) process.nextTick(this.#failed, upload.errored)
  }

  /** All of it is with the socket. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Once, when the connection stands: until then nothing is taken, so that another origin may get it. */
  start(): void {
    if (this.#isStarted || this.#isDropped) return
    this.#isStarted = true
    this.#upload.on('data', this.#write)
    this.#upload.on('end', this.#end)
    this.#socket.on('drain', this.#flow)
  }

  /** Nothing of it is sent any more. What was not taken stays where it is. */
  drop(): void {
    if (this.#isDropped) return
    this.#isDropped = true
    const upload = this.#upload
    upload.off('error', this.#failed).off('data', this.#write).off('end', this.#end)
    this.#socket.off('drain', this.#flow)
    if (!this.#isStarted) return
    upload.pause()
    // Nobody else can begin in the middle: the rest is the engine's to swallow.
    if (!this.#isOver) upload.destroy()
  }

  readonly #write = (chunk: Buffer): void => {
    const socket = this.#socket
    if (!this.#isChunked) {
      if (!socket.write(chunk)) this.#upload.pause()
      return
    }
    socket.cork()
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    socket.write(chunk)
    const isFlowing = socket.write('\r\n', 'latin1')
    socket.uncork()
    if (!isFlowing) this.#upload.pause()
  }

  readonly #flow = (): void => {
    this.#upload.resume()
  }

  readonly #end = (): void => {
    this.#isOver = true
    if (this.#isChunked) this.#socket.write(lastChunk, 'latin1')
  }

  readonly #failed = (error: unknown): void => {
    if (!this.#isDropped) this.#onError(error)
  }
}
