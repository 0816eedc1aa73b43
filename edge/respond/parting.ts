// Closes a connection behind an answer that the engine does not know to be complete.

/** How long the last bytes before a close may take to a client that reads slowly, each time it has read some. */
const lingerMs = 5_000

export class Parting {
  readonly #close: () => void
  #timer: NodeJS.Timeout | undefined
  isUnderWay = true

  constructor(close: () => void) {
    this.#close = close
  }

  /** Not at once: within the accepting call the engine has sent nothing yet. */
  soon(): void {
    setImmediate(() => this.#part())
  }

  /** When the client, which has all that it is going to get, has not closed for a while; again puts it off. */
  later(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#part(), lingerMs).unref()
  }

  /** It is closed already. */
  cancel(): void {
    this.isUnderWay = false
    clearTimeout(this.#timer)
  }

  #part(): void {
    if (!this.isUnderWay) return
    this.cancel()
    this.#close()
  }
}
