// One place for a worker: keeps it filled, with a pause after repeated deaths, until it is closed.
// Several slots make a generation (generation.ts).
import { EdgeError } from '../error.js'
import type { OriginWord } from '../fetch/origin-health.js'
import type { Tailed } from '../usage/tap.js'
import { nextDelayMs } from './backoff.js'
import { deferred } from './deferred.js'
import { type Exit, Link } from './link.js'
import type { StartMessage } from './messages.js'
import type { Spawn } from './spawn.js'

export interface SlotOptions {
  spawn: Spawn
  /** What the next worker is started with: read at each start, so that it gets the current configuration. */
  start(): StartMessage
  readyMs: number
  delayMaxMs: number
  onReady(link: Link): void
  onEjected(word: OriginWord, reason: string): void
  onTailed(tailed: Tailed): void
  /** After every end of a process; `delayMs` until its successor starts, undefined when there will be none. */
  onExit(link: Link, exit: Exit, delayMs: number | undefined): void
}

/** `idle`: not started. `opening`: its first worker is not ready yet. `open`: kept filled. `closing`: empties. */
type SlotState = 'idle' | 'opening' | 'open' | 'closing'

export class Slot {
  /** Workers started after the first. */
  restarts = 0
  link: Link | undefined
  readonly #options: SlotOptions
  #state: SlotState = 'idle'
  #delayMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #opened = deferred()
  readonly #emptied = deferred()

  constructor(options: SlotOptions) {
    this.#options = options
  }

  /** Starts the first worker; rejects with an EdgeError when it fails: then the slot stays empty. */
  open(): Promise<void> {
    this.#state = 'opening'
    this.#spawn()
    return this.#opened.promise
  }

  /** No more successors; the worker finishes and leaves. Resolves when it is gone. */
  drain(): Promise<void> {
    this.#close()
    this.link?.drain()
    return this.#emptied.promise
  }

  /** No more successors; the worker is killed. Resolves when it is gone. */
  kill(): Promise<void> {
    this.#close()
    this.link?.kill()
    return this.#emptied.promise
  }

  #close(): void {
    this.#state = 'closing'
    clearTimeout(this.#timer)
    if (this.link === undefined) this.#emptied.resolve()
  }

  #spawn(): void {
    const link = new Link(this.#options.spawn, {
      start: this.#options.start(),
      readyMs: this.#options.readyMs,
      onReady: () => this.#ready(link),
      onEjected: this.#options.onEjected,
      onTailed: this.#options.onTailed,
      onExit: exit => this.#exited(link, exit),
    })
    this.link = link
  }

  #ready(link: Link): void {
    this.#options.onReady(link)
    if (this.#state !== 'opening') return
    this.#state = 'open'
    this.#opened.resolve()
  }

  #exited(link: Link, exit: Exit): void {
    this.link = undefined
    const refill = this.#state === 'open'
    const delayMs = refill ? nextDelayMs(this.#delayMs, exit.livedMs, this.#options.delayMaxMs) : undefined
    this.#options.onExit(link, exit, delayMs)
    if (delayMs === undefined) {
      this.#opened.reject(startError(link, exit))
      this.#close()
    } else {
      this.#refill(delayMs)
    }
  }

  #refill(delayMs: number): void {
    this.#delayMs = delayMs
    this.#timer = setTimeout(() => {
      this.restarts++
      this.#spawn()
    }, delayMs)
  }
}

function startError(link: Link, exit: Exit): EdgeError {
  const { code, message } = exit.failure ?? { code: 'worker-died', message: describeExit(exit) }
  return new EdgeError(code, `worker ${link.slot} could not start: ${message}`, {
    source: 'edge',
    status: 503,
  })
}

function describeExit(exit: Exit): string {
  if (exit.signal !== null) return `it was ended by ${exit.signal}`
  return exit.code === null ? 'the process could not be made' : `it exited with code ${exit.code}`
}
