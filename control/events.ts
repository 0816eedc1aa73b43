// What happens, for who watches: the latest are kept in memory, so that a stream that broke off goes on where it was.
import { EventEmitter } from 'node:events'

export interface ControlEvent {
  /** Counts up from the start of control. */
  readonly id: number
  /** RFC 3339, UTC. */
  readonly at: string
  /** Such as `version.activated`. */
  readonly type: string
  /** null: of no site, or of all. */
  readonly site: string | null
  readonly data: unknown
}

export class Events {
  readonly #kept: ControlEvent[] = []
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #keptMax: number
  readonly #nowMs: () => number
  #lastId = 0

  constructor(keptMax: number, nowMs: () => number) {
    this.#keptMax = keptMax
    this.#nowMs = nowMs
  }

  emit(type: string, site: string | null, data: unknown): void {
    const event = { id: ++this.#lastId, at: new Date(this.#nowMs()).toISOString(), type, site, data }
    this.#kept.push(event)
    if (this.#kept.length > this.#keptMax) this.#kept.shift()
    this.#emitter.emit('event', event)
  }

  /** Those that are still known. */
  after(id: number): ControlEvent[] {
    return this.#kept.filter(event => event.id > id)
  }

  /** The returned function ends it. */
  listen(take: (event: ControlEvent) => void): () => void {
    this.#emitter.on('event', take)
    return () => this.#emitter.off('event', take)
  }
}
