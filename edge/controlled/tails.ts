// Who watches requests of this edge, and the lines on their way to control: one batch at a time, and no more waiting than has
// a place.
import type { Tail, Tailed, TailedLine } from '../usage/tap.js'

export interface TailsOptions {
  edge: string
  /** Rejects with an EdgeError. */
  send(body: unknown): Promise<unknown>
  /** All workers obey. */
  tap(tails: readonly Tail[]): void
}

const waitingMax = 2_000
const linesAtOnce = 500

export class Tails {
  readonly #options: TailsOptions
  #waiting: TailedLine[] = []
  #dropped = 0
  #isSending = false
  #count = 0

  constructor(options: TailsOptions) {
    this.#options = options
  }

  /** Those that there are now; none when control is away. */
  set(tails: readonly Tail[]): void {
    if (tails.length === 0 && this.#count === 0) return
    this.#count = tails.length
    if (tails.length === 0) this.#waiting = []
    this.#options.tap(tails)
  }

  take({ lines, dropped }: Tailed): void {
    if (this.#count === 0) return
    this.#dropped += dropped
    this.#waiting.push(...lines)
    const over = this.#waiting.length - waitingMax
    if (over > 0) {
      this.#waiting.splice(0, over)
      this.#dropped += over
    }
    void this.#send()
  }

  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    while (this.#waiting.length > 0) {
      const [lines, dropped] = [this.#waiting.splice(0, linesAtOnce), this.#dropped]
      this.#dropped = 0
      try {
        await this.#options.send({ edge: this.#options.edge, lines, dropped })
      } catch {
        // Who watches sees that something is missing; the follower says that control is away.
        this.#dropped += lines.length + dropped
        break
      }
    }
    this.#isSending = false
  }
}
