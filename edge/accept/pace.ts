// How fast the body of a request has to come: looked at now and then, while its client is not the one who waits.

/** A slow moment is no attack: so long it may last. */
const windowMs = 10_000

export interface Paced {
  /** Bytes so far. */
  readonly bytesIn: number
  /** Its client was told to wait. */
  readonly isHeldBack: boolean
}

export class Pace {
  readonly #paced: Paced
  readonly #bytesMin: number
  readonly #timer: NodeJS.Timeout
  #bytesBefore: number
  #wasHeldBack = false

  /** `onSlow` is called once, when less than `bytesPerSecondMin` came over a while. */
  constructor(paced: Paced, bytesPerSecondMin: number, onSlow: () => void) {
    this.#paced = paced
    this.#bytesMin = (bytesPerSecondMin * windowMs) / 1000
    this.#bytesBefore = paced.bytesIn
    this.#timer = setInterval(() => {
      if (!this.#isSlow()) return
      this.stop()
      onSlow()
    }, windowMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #isSlow(): boolean {
    const { bytesIn, isHeldBack } = this.#paced
    const bytes = bytesIn - this.#bytesBefore
    // A time in which it had to wait, even in part, says nothing.
    const isExcused = isHeldBack || this.#wasHeldBack
    this.#bytesBefore = bytesIn
    this.#wasHeldBack = isHeldBack
    return !isExcused && bytes < this.#bytesMin
  }
}
