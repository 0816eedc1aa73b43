// One answer out of blocks. The head waits for the first byte of the body: as long as that is not there it can still be
// said that there is none.
import { failReported } from '../conclude.js'
import type { Edge } from '../edge.js'
import type { Exchange } from '../exchange.js'
import { Pour } from '../respond/pour.js'
import { type Head, keepHead } from '../respond/responder.js'
import { isChanged } from './coming-block.js'
import type { SlicedBody } from './sliced-body.js'

/** It left again and again before it could be read. */
const blockLost = { code: 'block-lost', status: 502 }
/** What is looked for before the head is sent. */
const firstBytesMax = 64 * 1024

export class SlicedAnswer {
  readonly at = 0
  readonly #edge: Edge
  readonly #x: Exchange
  readonly #head: Head
  readonly #body: SlicedBody
  #pour: Pour | undefined
  #isOver = false

  constructor(edge: Edge, x: Exchange, head: Head, body: SlicedBody) {
    this.#edge = edge
    this.#x = x
    this.#head = keepHead(head)
    this.#body = body
  }

  start(): void {
    // A request that follows in the same connection waits in the kernel.
    this.#x.responder.hold()
    this.#body.attach(this)
    this.wake()
  }

  /** Something may be there by now. */
  wake(): void {
    if (this.#isOver || this.#pour !== undefined) return
    const piece = this.#body.read(this, firstBytesMax)
    if (piece === 'later') return
    const { responder } = this.#x
    if (piece === 'broken') return this.#failed()
    responder.open(this.#head, this.#body.length)
    this.#pour = new Pour(this.#body, responder)
    this.#pour.start()
  }

  /** Nothing more is wanted: the client is gone, or has all. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#pour === undefined) this.#body.detach(this)
    else this.#pour.stop()
  }

  #failed(): void {
    const { error } = this.#body
    this.stop()
    if (this.#x.responder.state !== 'open') return
    this.#x.responder.onEnd = undefined
    // What was stored is of another state than what the origin has: then the client gets what that says.
    if (isChanged(error)) this.#edge.askAlone(this.#edge, this.#x)
    else failReported(this.#edge, this.#x, error ?? blockLost)
  }
}
