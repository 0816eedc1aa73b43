// Lets a body flow to a client at the client's pace. What the connection does not take is not kept: it is read again when
// there is room.
import type { Body, BodyReader } from '../cache/body.js'
import type { Responder } from './responder.js'

/** What is handed to a connection at once. */
const pieceBytesMax = 64 * 1024

export class Pour implements BodyReader {
  at = 0
  readonly #body: Body
  readonly #responder: Responder
  /** The client has not taken what it was handed yet. */
  #isWaiting = false
  #isOver = false

  constructor(body: Body, responder: Responder) {
    this.#body = body
    this.#responder = responder
  }

  /** The head is sent: from now on the body is written, and the answer ended or aborted. */
  start(): void {
    this.#body.attach(this)
    this.#responder.onDrain = () => {
      this.#isWaiting = false
      this.wake()
    }
    this.wake()
  }

  wake(): void {
    const responder = this.#responder
    while (!this.#isWaiting && !this.#isOver) {
      if (responder.state !== 'streaming') return this.stop()
      const piece = this.#body.read(this, pieceBytesMax)
      if (piece === 'later') break
      if (typeof piece === 'string') return this.#end(piece)
      const taken = responder.offer(piece)
      this.at += taken
      this.#isWaiting = taken < piece.length
    }
    if (!this.#isOver) this.#body.progressed()
  }

  /** Nothing more is wanted: the client is gone, or has all. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#body.detach(this)
  }

  #end(how: 'end' | 'broken'): void {
    this.stop()
    if (how === 'end') this.#responder.end()
    else this.#responder.abort()
  }
}
