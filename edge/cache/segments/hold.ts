// Keeps a segment open for somebody who reads it for long.
import type { Reader, Readers } from './readers.js'

/** Keeps one segment open, wherever it goes meanwhile. */
export interface Hold {
  /** Since when the segment is known to be unlinked: monotonic milliseconds; undefined while it is not. */
  readonly goneSinceMs: number | undefined
  /** Of its file, until `release`; undefined when it was not opened yet. */
  readonly descriptor: number | undefined
  /** Does nothing the second time. */
  release(): void
}

export class ReaderHold implements Hold {
  readonly #readers: Pick<Readers, 'release'>
  readonly #reader: Reader
  #isHeld = true

  constructor(readers: Pick<Readers, 'hold' | 'release'>, segment: number) {
    this.#readers = readers
    this.#reader = readers.hold(segment)
  }

  get goneSinceMs(): number | undefined {
    return this.#reader.goneSinceMs
  }

  get descriptor(): number | undefined {
    return this.#isHeld ? this.#reader.fd : undefined
  }

  release(): void {
    if (this.#isHeld) this.#readers.release(this.#reader)
    this.#isHeld = false
  }
}
