// A block that is on its way, as one reader of it sees it.
import type { BodyReader, Piece } from '../cache/body.js'
import type { EdgeError } from '../error.js'
import type { RunningBody } from '../fetch/collapse.js'
import type { ComingBlock } from './coming-block.js'

export class ComingSource {
  readonly #block: ComingBlock
  readonly #reader: BodyReader
  readonly #wake = (): void => this.#reader.wake()
  #body: RunningBody | undefined

  constructor(block: ComingBlock, reader: BodyReader) {
    this.#block = block
    this.#reader = reader
    block.await(this.#wake)
  }

  /** One that broke after it had begun may come whole the next time; one that did not begin was asked for enough. */
  get error(): EdgeError | undefined {
    return this.#body === undefined ? this.#block.error : undefined
  }

  get isKept(): boolean {
    return this.#block.isKept
  }

  read(reader: BodyReader, bytesMax: number): Piece {
    if (this.#body === undefined) {
      const { body, isOver } = this.#block
      if (body?.isReadable !== true) return isOver || body !== undefined ? 'broken' : 'later'
      this.#body = body
      body.attach(this.#reader)
    }
    return this.#body.read(reader, bytesMax)
  }

  progressed(): void {
    this.#body?.progressed()
  }

  close(): void {
    this.#block.forget(this.#wake)
    this.#body?.detach(this.#reader)
  }
}
