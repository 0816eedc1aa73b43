// One life of a keeper: waits for its turn at the cache, does the duties until it is to stop, and gives the cache to the
// next. Who tells it so is obey.ts's.

import type { PurgeRule } from '../cache/purges/rule.js'
import { indexBytesMaxOf } from '../cache/segments/sizes.js'
import { Duties, type DutiesOptions } from './duties.js'
import { IndexGauge } from './index-gauge.js'
import { type KeeperReport, type KeeperState, noTotals } from './messages.js'
import { type Counted, countPurged } from './purge-count.js'
import { PurgeDesk } from './purge-desk.js'
import { keeperLock, takeTurn } from './turn.js'

export interface KeeperOptions extends Omit<DutiesOptions, 'index' | 'desk'> {
  /** The state has changed, or was seen for the first time. */
  onState(): void
}

export class Keeper {
  #state: KeeperState = 'waiting'
  readonly #options: KeeperOptions
  readonly #stop = new AbortController()
  readonly #index: IndexGauge
  readonly #desk: PurgeDesk
  #duties: Duties | undefined

  constructor(options: KeeperOptions) {
    const { config, log } = options
    const { directory, bytesMax } = config.cache
    this.#options = options
    this.#index = new IndexGauge(directory, indexBytesMaxOf(bytesMax))
    const onTrouble = (err: unknown) => log.warn({ err }, 'the purges could not be read')
    this.#desk = new PurgeDesk({ config, index: this.#index, onTrouble })
  }

  /** Whoever keeps the cache. Resolves and rejects as `PurgeDesk.accept`. */
  purge(rules: readonly PurgeRule[]): Promise<number> {
    return this.#desk.accept(rules)
  }

  /** What they would take, as far as that is found in `limits.dryRunMs`. */
  async countPurged(rules: readonly PurgeRule[]): Promise<Counted> {
    return countPurged(this.#index.open(), rules, this.#options.config.limits.dryRunMs)
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
    try {
      const turn = await takeTurn({ cacheDirectory, onWait, signal })
      if (turn === undefined) return
      await this.#keep(signal).finally(() => turn.release())
    } finally {
      this.#desk.close()
      await this.#index.close()
    }
  }

  /** `run` then resolves. */
  stop(): void {
    this.#stop.abort()
  }

  /** But for what the process knows: see obey.ts. */
  report(): Omit<KeeperReport, 'residentBytes'> {
    const unknown = { index: null, segments: null, disk: null, fills: null, purges: null }
    const { totals, ...known } = this.#duties?.report() ?? { totals: {}, ...unknown }
    return { state: this.#state, ...known, totals: { ...noTotals(), ...this.#desk.totals, ...totals } }
  }

  async #keep(signal: AbortSignal): Promise<void> {
    const { log, onState } = this.#options
    const duties = new Duties({ ...this.#options, index: this.#index, desk: this.#desk })
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
