// Which edges are there at this moment, by the stream each of them holds open; what is sent to them without being kept; and
// who waits until something has changed.
import { EventEmitter } from 'node:events'
import type { EdgeHealth } from './state/health.js'

/** An edge that listens. */
export interface Listener {
  readonly edge: string
  readonly sinceMs: number
  /** There is more in the feed, or it may not listen any more. */
  wake(): void
  /** A line that is not kept; false: there is no room for it, or nobody. */
  tell(line: unknown): boolean
  end(): void
}

export interface Counted {
  readonly edge: string
  readonly entries: number
  readonly scanned: number
  readonly complete: boolean
  readonly reasons: readonly string[]
}

export class Live {
  readonly #listeners = new Map<string, Listener>()
  readonly #health = new Map<string, EdgeHealth>()
  readonly #counts = new Map<string, Counted[]>()
  readonly #changed = new EventEmitter().setMaxListeners(0)
  readonly #waitersMax: number
  #waiters = 0

  constructor(waitersMax: number) {
    this.#waitersMax = waitersMax
  }

  /** Told of each that begins to listen. */
  onJoined: (listener: Listener) => void = () => {}

  /** One that listened under this id before has lost its connection, or is another one of its name. */
  join(listener: Listener): void {
    this.#listeners.get(listener.edge)?.end()
    this.#listeners.set(listener.edge, listener)
    this.onJoined(listener)
    this.note()
  }

  /** False: another has come in its place. */
  leave(listener: Listener): boolean {
    if (this.#listeners.get(listener.edge) !== listener) return false
    this.#listeners.delete(listener.edge)
    this.note()
    return true
  }

  get(edge: string): Listener | undefined {
    return this.#listeners.get(edge)
  }

  readonly isLive = (edge: string): boolean => this.#listeners.has(edge)

  get count(): number {
    return this.#listeners.size
  }

  healthOf(edge: string): EdgeHealth | undefined {
    return this.#health.get(edge)
  }

  setHealth(edge: string, health: EdgeHealth): void {
    this.#health.set(edge, health)
  }

  forget(edge: string): void {
    this.#listeners.get(edge)?.end()
    this.#health.delete(edge)
  }

  /** Something was added to the feed, or a token has gone. */
  wake(): void {
    for (const listener of this.#listeners.values()) listener.wake()
  }

  /** To all that are there; not kept. */
  tell(line: unknown): void {
    for (const listener of this.#listeners.values()) listener.tell(line)
  }

  /** Who waits looks again. */
  note(): void {
    this.#changed.emit('change')
  }

  /** Resolves when it is so, or after `timeoutMs`; at once when too many wait. */
  async until(isSo: () => boolean, timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0 || this.#waiters >= this.#waitersMax || isSo()) return
    this.#waiters += 1
    await new Promise<void>(resolve => {
      const end = () => {
        clearTimeout(timer)
        this.#changed.off('change', look)
        resolve()
      }
      const look = () => {
        if (isSo()) end()
      }
      const timer = setTimeout(end, timeoutMs)
      this.#changed.on('change', look)
    })
    this.#waiters -= 1
  }

  /** Asks all that are there, and gives what has come of them within `timeoutMs`. */
  async ask(id: string, question: object, timeoutMs: number): Promise<{ asked: number; counted: Counted[] }> {
    const counted: Counted[] = []
    this.#counts.set(id, counted)
    const asked = [...this.#listeners.values()].filter(each => each.tell({ ...question, id })).length
    await this.until(() => counted.length >= asked, timeoutMs)
    this.#counts.delete(id)
    return { asked, counted }
  }

  /** Too late, or of nobody's question: it is dropped. */
  answered(id: string, answer: Counted): void {
    this.#counts.get(id)?.push(answer)
  }

  endAll(): void {
    for (const listener of [...this.#listeners.values()]) listener.end()
  }
}
