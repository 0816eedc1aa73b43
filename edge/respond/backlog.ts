// Bytes of one answer that its client has not taken yet, and the worker's budget for all such bytes.

/** Bytes held for slow readers by all answers of a worker (`limits.stalledBytesMax`). */
export interface StalledBytes {
  used: number
  readonly max: number
  /** Answers broken off because `max` was reached. */
  broken: number
}

/** A queue of chunks; the owner decides what happens when `add` refuses. */
export class Backlog {
  readonly #stalled: StalledBytes
  #chunks: Uint8Array[] = []
  #bytes = 0

  constructor(stalled: StalledBytes) {
    this.#stalled = stalled
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0
  }

  /** False when the worker's budget does not allow it: nothing was added. */
  add(chunk: Uint8Array): boolean {
    if (this.#stalled.used + chunk.length > this.#stalled.max) {
      this.#stalled.broken += 1
      return false
    }
    this.#chunks.push(chunk)
    this.#account(chunk.length)
    return true
  }

  /** Hands the chunks to `push` in order until it leaves a rest, which is kept; true when all are gone. */
  drain(push: (chunk: Uint8Array) => Uint8Array | undefined): boolean {
    for (let chunk = this.#takeFirst(); chunk !== undefined; chunk = this.#takeFirst()) {
      const rest = push(chunk)
      if (rest !== undefined) {
        this.#chunks.unshift(rest)
        this.#account(rest.length)
        return false
      }
    }
    return true
  }

  clear(): void {
    this.#account(-this.#bytes)
    this.#chunks = []
  }

  #takeFirst(): Uint8Array | undefined {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.#account(-chunk.length)
    return chunk
  }

  #account(bytes: number): void {
    this.#bytes += bytes
    this.#stalled.used += bytes
  }
}
