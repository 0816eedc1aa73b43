// Questions that only want an answer, to see how long it takes: those on their way.
const answerMs = 5_000

export class Pings {
  readonly #waiting = new Map<number, () => void>()
  readonly #waitMs: number
  #count = 0

  constructor(waitMs = answerMs) {
    this.#waitMs = waitMs
  }

  /** Microseconds from `send`, which is given a number, to `answered` with it; undefined when it never was. */
  ask(send: (value: number) => boolean): Promise<number | undefined> {
    const value = this.#count++ >>> 0
    const beganMs = performance.now()
    return new Promise(resolve => {
      const end = (us: number | undefined) => {
        clearTimeout(timer)
        this.#waiting.delete(value)
        resolve(us)
      }
      const timer = setTimeout(end, this.#waitMs, undefined)
      this.#waiting.set(value, () => end((performance.now() - beganMs) * 1000))
      if (!send(value)) end(undefined)
    })
  }

  answered(value: number): void {
    this.#waiting.get(value)?.()
  }
}
