// The requests of one HTTP/1 connection, one after the other: an answer is whole before the next request is looked at
// (RFC 9112 9.3.2). What a client asks ahead waits here, and then in the kernel.

/** How a lane stops its client. */
export interface LaneSource {
  pause(): void
  resume(): void
  /** When all that was written is out. */
  end(): void
}

/** Whoever answers what is under way. */
export interface Answerer {
  /** The client says nothing more. */
  onHalfClosed(): void
  /** The bytes that follow are no message: the rest of this one, if it is not whole, or what comes behind it. */
  onMisread(): void
}

/** With so many waiting the client is not read from. */
const waitingMax = 16
/** One read of the kernel may hold so many; behind these the connection ends. */
const waitingEnd = 256

export class Lane {
  readonly #source: LaneSource
  /** The answer that was begun last. */
  answerer: Answerer | undefined = undefined
  #isBusy = false
  /** What follows the requests that wait is no message, or too much: the connection ends behind their answers. */
  #isClosing = false
  #isPaused = false
  #waiting: (() => void)[] = []

  constructor(source: LaneSource) {
    this.#source = source
  }

  /** Calls `start` now or when it is its turn; it has called `done` when it is over. */
  take(start: () => void): void {
    if (!this.#isBusy) {
      this.#isBusy = true
      return start()
    }
    if (this.#isClosing) return
    if (this.#waiting.length === waitingEnd) {
      this.#isClosing = true
      return
    }
    this.#waiting.push(start)
    if (this.#isPaused || this.#waiting.length < waitingMax) return
    this.#isPaused = true
    this.#source.pause()
  }

  /** False when nothing is under way that could be told. */
  misread(): boolean {
    if (!this.#isBusy) return false
    if (!this.#isClosing && this.#waiting.length === 0) this.answerer?.onMisread()
    this.#isClosing = true
    return true
  }

  /** `isLast`: the connection ends here, whatever was asked behind. */
  done(isLast: boolean): void {
    if (isLast) {
      this.#waiting = []
      return
    }
    const next = this.#waiting.shift()
    if (next === undefined && this.#isClosing) return this.#source.end()
    if (this.#isPaused && this.#waiting.length === 0 && !this.#isClosing) {
      this.#isPaused = false
      this.#source.resume()
    }
    if (next === undefined) this.#isBusy = false
    else next()
  }
}
