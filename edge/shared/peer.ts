// Another worker as this one knows it: the connection that we opened to it, over which we speak, and the one that it
// opened to us, over which we hear. Each opens exactly one, so two who meet at once have nothing to settle.
import { connect, type Socket } from 'node:net'
import { encodeFrame, frameBytes, helloEvent } from './frames.js'

export interface PeerOptions {
  owner: number
  path: string
  /** Our own number. */
  self: number
  sendBytesMax: number
  /** We can be heard. */
  onConnected(): void
  /** Nobody listens there any more. */
  onRefused(): void
  /** Each could wake the other, and the connection closed. */
  onClosed(): void
}

/** Only these prove that nobody listens; anything else (no descriptors, a full backlog) is tried again. */
export const refusals: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOENT'])
const retryMs = 250

export class Peer {
  readonly owner: number
  /** Frames that were not sent since the peer does not read. */
  dropped = 0
  readonly #options: PeerOptions
  #speaking: Socket | undefined
  #hearing: Socket | undefined
  #retry: NodeJS.Timeout | undefined
  #isCorked = false
  #state: 'connecting' | 'connected' | 'closed' = 'connecting'

  constructor(options: PeerOptions) {
    this.owner = options.owner
    this.#options = options
    this.#connect()
  }

  /** Each can wake the other. */
  get isMet(): boolean {
    return this.#state === 'connected' && this.#hearing !== undefined
  }

  /** False when there is such a connection already. */
  hear(socket: Socket): boolean {
    if (this.#hearing !== undefined) return false
    this.#hearing = socket
    return true
  }

  /** False when the frame was dropped: the peer is too far behind. */
  send(frame: Buffer): boolean {
    const socket = this.#speaking
    if (socket === undefined || socket.writableLength + frameBytes > this.#options.sendBytesMax) {
      this.dropped += 1
      return false
    }
    if (!this.#isCorked) this.#cork(socket)
    socket.write(frame)
    return true
  }

  close(): void {
    this.#state = 'closed'
    clearTimeout(this.#retry)
    this.#speaking?.uncork()
    this.#speaking?.destroy()
    this.#hearing?.destroy()
  }

  /** What is said in one turn goes out as one write. */
  #cork(socket: Socket): void {
    this.#isCorked = true
    socket.cork()
    process.nextTick(() => {
      this.#isCorked = false
      socket.uncork()
    })
  }

  #connect(): void {
    const { path, self, onClosed } = this.#options
    const socket = connect(path)
    this.#speaking = socket
    socket.write(encodeFrame({ slot: self, turn: 0, event: helloEvent, value: 0 }))
    socket.on('connect', () => this.#connected())
    // Nothing comes this way; it is read to learn of its end.
    socket.resume()
    let code: string | undefined
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code
    })
    socket.on('close', () => {
      if (this.isMet) onClosed()
      // Closed before it was heard of: it may just have had no descriptor for us (accept(2)).
      else if (this.#state !== 'closed') this.#failed(code)
    })
  }

  #connected(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'connected'
    this.#options.onConnected()
  }

  #failed(code: string | undefined): void {
    this.#speaking = undefined
    this.#state = 'connecting'
    if (refusals.has(code)) this.#options.onRefused()
    else this.#retry = setTimeout(() => this.#connect(), retryMs)
  }
}
