// Who watches requests: what each wants to see goes to every edge, as a whole; what edges show goes to whom it is for.
import { randomUUID } from 'node:crypto'
import type { Live } from './live.js'
import type { Sse } from './sse.js'

export interface TailFilter {
  readonly sites: readonly string[] | null
  readonly status: string | null
  readonly cacheStatus: string | null
  readonly path: string | null
  readonly samplePercent: number
}

export class Tails {
  readonly #live: Live
  readonly #watching = new Map<string, { filter: TailFilter; sse: Sse }>()

  constructor(live: Live) {
    this.#live = live
    live.onJoined = listener => {
      if (this.#watching.size > 0) listener.tell(this.#line())
    }
  }

  get count(): number {
    return this.#watching.size
  }

  /** The returned function ends it. */
  add(filter: TailFilter, sse: Sse): () => void {
    const id = randomUUID()
    this.#watching.set(id, { filter, sse })
    this.#live.tell(this.#line())
    return () => {
      this.#watching.delete(id)
      this.#live.tell(this.#line())
    }
  }

  show(edge: string, lines: readonly { tails: readonly string[] }[], dropped: number): void {
    for (const { tails, ...line } of lines) {
      for (const id of tails) this.#watching.get(id)?.sse.send('request', { edge, ...line })
    }
    if (dropped === 0) return
    for (const { sse } of this.#watching.values()) sse.send('dropped', { edge, count: dropped })
  }

  #line(): object {
    const tails = [...this.#watching].map(([id, { filter }]) => ({ id, ...filter }))
    return { type: 'tails', tails }
  }
}
