// The bytes of one body as they come, copied into pages that grow with it, so that however small the chunks are, the
// memory is that of the bytes. Read from any place that is still kept; what was read once stays valid.

const pageBytesMin = 4 * 1024
const pageBytesMax = 256 * 1024

export class Pages {
  readonly #pages: Buffer[] = []
  /** Where in the body the first page kept begins. */
  #keptFrom: number
  /** Bytes in the last page. */
  #filled = 0
  #bytes: number
  #nextBytes: number

  /** `promised`: the length of the body, when it is known and worth one page; `from`: what lies before is not here. */
  constructor(promised: number | undefined, from = 0) {
    this.#keptFrom = from
    this.#bytes = from
    this.#nextBytes = promised || pageBytesMin
  }

  /** Bytes that came so far, of the whole body. */
  get bytes(): number {
    return this.#bytes
  }

  /** Where what is kept begins: 0 until something was dropped. */
  get keptFrom(): number {
    return this.#keptFrom
  }

  append(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const page = this.#pageWithRoom()
      const part = chunk.subarray(at, at + page.length - this.#filled)
      page.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
    }
    this.#bytes += chunk.length
  }

  /** What is there from `at` on, as far as it lies in one piece; undefined when nothing is. A view, never overwritten. */
  read(at: number): Buffer | undefined {
    let start = this.#keptFrom
    if (at < start) return undefined
    for (const page of this.#pages) {
      const length = this.#lengthOf(page)
      if (at < start + length) return page.subarray(at - start, length)
      start += length
    }
    return undefined
  }

  /** Lets go of the pages that lie wholly before `at`. */
  dropBefore(at: number): void {
    for (let page = this.#pages[0]; page !== undefined; page = this.#pages[0]) {
      const length = this.#lengthOf(page)
      if (this.#keptFrom + length > at || page === this.#pages.at(-1)) return
      this.#pages.shift()
      this.#keptFrom += length
    }
  }

  /** The whole body; only while nothing was dropped. */
  whole(): Buffer {
    const parts = this.#pages.map(page => page.subarray(0, this.#lengthOf(page)))
    return parts.length === 1 ? parts[0] : Buffer.concat(parts)
  }

  #lengthOf(page: Buffer): number {
    return page === this.#pages.at(-1) ? this.#filled : page.length
  }

  #pageWithRoom(): Buffer {
    const last = this.#pages.at(-1)
    if (last !== undefined && this.#filled < last.length) return last
    const page = Buffer.allocUnsafe(this.#nextBytes)
    this.#nextBytes = Math.min(Math.max(this.#nextBytes * 2, pageBytesMin), pageBytesMax)
    this.#pages.push(page)
    this.#filled = 0
    return page
  }
}
