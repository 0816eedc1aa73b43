// One life of a keeper: waits for its turn at the cache, does the duties until it is to stop, and gives the cache to the
// next. Who tells it so is obey.ts's.
import { Duties, type DutiesOptions } from './duties.js'
import { type KeeperReport, type KeeperState, noTotals } from './messages.js'
import { keeperLock, takeTurn } from './turn.js'

export interface KeeperOptions extends DutiesOptions {
  /** The state has changed, or was seen for the first time. */
  onState(): void
}

export class Keeper {
  #state: KeeperState = 'waiting'
  readonly #options: KeeperOptions
  readonly #stop = new AbortController()
  #duties: Duties | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** Resolves when it has stopped. Rejects when the lock cannot be had because of the directory, not of another. */
  async run(): Promise<void> {
    const { config, log, onState } = this.#options
    const { signal } = this.#stop
    const cacheDirectory = config.cache.directory
    const onWait = () => {
      log.info({ lock: keeperLock(cacheDirectory) }, 'another keeper keeps this cache: waiting')
      onState()
    }
    const turn = await takeTurn({ cacheDirectory, onWait, signal })
    if (turn === undefined) return
    try {
      await this.#keep(signal)
    } finally {
      turn.release()
    }
  }

  /** `run` then resolves. */
  stop(): void {
    this.#stop.abort()
  }

  /** But for what the process knows: see obey.ts. */
  report(): Omit<KeeperReport, 'residentBytes'> {
    const unknown = { index: null, segments: null, disk: null, fills: null }
    const { totals, ...known } = this.#duties?.report() ?? { totals: {}, ...unknown }
    return { state: this.#state, ...known, totals: { ...noTotals(), ...totals } }
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { log, onState } = this.#options
    const duties = new Duties(this.#options)
    this.#duties = duties
    this.#state = 'keeping'
    log.info('keeping the cache')
    onState()
    const stopped = new Promise<void>(resolve => {
      signal.addEventListener('abort', () => resolve())
      if (signal.aborted) resolve()
    })
    await duties.begin()
    if (!signal.aborted) onState()
    await stopped
    await duties.end()
  }
}
