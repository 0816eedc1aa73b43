// The workers that share one configuration and one set of ports: starts them all or none, keeps every slot filled,
// and empties them. Which generation serves, and what happens to the last one, is supervisor.ts's.
import { randomBytes } from 'node:crypto'
import { type EdgeConfig, workerCount } from '../../config/settings.js'
import type { OriginWord } from '../fetch/origin-health.js'
import type { Tailed } from '../usage/tap.js'
import type { Exit, Link } from './link.js'
import type { OriginBoard } from './origin-board.js'
import { Slot } from './slot.js'
import type { Spawn } from './spawn.js'

export interface GenerationOptions {
  number: number
  config: EdgeConfig
  revision: number
  /** Of this machine, for `workers: auto`. */
  cores: number
  spawn: Spawn
  board: Pick<OriginBoard, 'words' | 'ejected'>
  onReady(link: Link): void
  onTailed(tailed: Tailed): void
  onExit(link: Link, exit: Exit, delayMs: number | undefined): void
}

export interface SlotView {
  slot: number
  /** `waiting`: empty, its worker died and the next one is not started yet. */
  state: 'waiting' | Link['state']
  restarts: number
  link: Link | undefined
}

/** What the workers get beyond `drainTimeoutMs` to break off in order what is left, before they are killed. */
const killGraceMs = 250

export class Generation {
  readonly number: number
  readonly #slots: Slot[]
  readonly #ticketKeys = randomBytes(48).toString('base64')
  #config: EdgeConfig
  #revision: number

  constructor(options: GenerationOptions) {
    this.number = options.number
    this.#config = options.config
    this.#revision = options.revision
    const count = workerCount(options.config, options.cores)
    this.#slots = Array.from({ length: count }, (_, slot) => this.#slot(slot, options))
  }

  /** The configuration that the next worker is started with. */
  get config(): EdgeConfig {
    return this.#config
  }

  get revision(): number {
    return this.#revision
  }

  /** Resolves when every worker is ready; when one is not, kills all and rejects with its EdgeError. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#slots.map(slot => slot.open()))
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  /** From now on workers start with this; telling those that run is the caller's. */
  adopt(config: EdgeConfig, revision: number): void {
    this.#config = config
    this.#revision = revision
  }

  /** Workers that run, ready or not. */
  links(): Link[] {
    return this.#slots.flatMap(slot => (slot.link ? [slot.link] : []))
  }

  /** To all that run. */
  tell(words: readonly OriginWord[]): void {
    for (const link of this.links()) link.tell(words)
  }

  view(): SlotView[] {
    return this.#slots.map(({ link, restarts }, slot) => ({
      slot,
      state: link?.state ?? 'waiting',
      restarts,
      link,
    }))
  }

  /** Lets all finish and leave; kills what is left after `drainTimeoutMs`. Resolves when all are gone. */
  async drain(): Promise<void> {
    const timer = setTimeout(() => void this.kill(), this.#config.drainTimeoutMs + killGraceMs)
    await Promise.all(this.#slots.map(slot => slot.drain()))
    clearTimeout(timer)
  }

  /** Resolves when all are gone. */
  async kill(): Promise<void> {
    await Promise.all(this.#slots.map(slot => slot.kill()))
  }

  #slot(slot: number, options: GenerationOptions): Slot {
    return new Slot({
      spawn: options.spawn,
      start: () => ({
        type: 'start',
        slot,
        generation: options.number,
        revision: this.#revision,
        config: this.#config,
        origins: options.board.words(),
        ticketKeys: this.#ticketKeys,
      }),
      readyMs: options.config.workerReadyMs,
      delayMaxMs: options.config.respawnDelayMaxMs,
      onReady: options.onReady,
      onTailed: options.onTailed,
      onEjected: (word, reason) => options.board.ejected(word, reason),
      onExit: options.onExit,
    })
  }
}
