// Where purges are accepted: numbers them, writes them into the index, and raises the word by which every worker learns of
// them at its next request. Any keeper may do it; sweeping is the matter of the one that keeps (purge-sweep.ts).
import type { EdgeConfig } from '../../config/settings.js'
import { appendRules, readNews, readProgress, type Written } from '../cache/purges/log.js'
import { Purges } from '../cache/purges/purges.js'
import type { PurgeRule } from '../cache/purges/rule.js'
import { EdgeError } from '../error.js'
import { type OpenPurgeWord, openPurgeWord } from '../shared/open-purge-word.js'
import type { IndexGauge } from './index-gauge.js'

export interface PurgeDeskOptions {
  config: Pick<EdgeConfig, 'cache' | 'limits'>
  index: IndexGauge
  onTrouble(error: unknown): void
}

interface Asked {
  rules: readonly PurgeRule[]
  resolve(sequence: number): void
  reject(error: unknown): void
}

/** Rules in one transaction: it holds up every writer of the host while it runs. */
const transactionRulesMax = 2_000

export class PurgeDesk {
  readonly #options: PurgeDeskOptions
  #word: OpenPurgeWord | undefined
  #purges: Purges | undefined
  #asked: Asked[] = []
  #accepted = 0
  #removed = 0
  #softened = 0

  constructor(options: PurgeDeskOptions) {
    this.#options = options
  }

  /** Since this process started. */
  get totals(): { purgesAccepted: number; purgedEntries: number; softenedEntries: number } {
    return { purgesAccepted: this.#accepted, purgedEntries: this.#removed, softenedEntries: this.#softened }
  }

  /** What is known of the purges; opens the index and the word when they are not. Throws what that throws. */
  purges(): Purges {
    this.#purges ??= this.#open()
    this.#purges.obey()
    return this.#purges
  }

  /**
   * Accepts all of the rules or none; resolves with the number of the last when every worker obeys them at its next
   * request, whatever dies from then on. Rejects with an EdgeError: 429 when there are too many, 503 when they cannot be
   * kept.
   */
  accept(rules: readonly PurgeRule[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ rules, resolve, reject })
      // What comes in one turn waits for the disk once.
      if (this.#asked.length === 1) setImmediate(() => this.#commit())
    })
  }

  /** Has the word say `sequence`, which is in the index by now. */
  announce(sequence: number): void {
    this.#word!.word.raise(sequence)
  }

  noteDrops({ removed, softened }: Written['drops']): void {
    this.#removed += removed
    this.#softened += softened
  }

  close(): void {
    this.#word?.close()
    this.#word = undefined
    this.#purges = undefined
  }

  #open(): Purges {
    const { config, index, onTrouble } = this.#options
    const databases = index.open()
    this.#word ??= openPurgeWord(config.cache.directory)
    const { word } = this.#word
    // The machine has started anew, the cache has not.
    word.raise(readProgress(databases).sequence)
    return new Purges({ readNews: after => readNews(databases, after), openWord: () => word, onTrouble })
  }

  #commit(): void {
    const batch = this.#takeBatch()
    if (this.#asked.length > 0) setImmediate(() => this.#commit())
    const fitting = batch.filter(asked => this.#fits(asked))
    const rules = fitting.flatMap(asked => asked.rules)
    if (rules.length === 0) return
    try {
      const written = appendRules(this.#options.index.open(), rules, this.#word!.word.sequence())
      this.announce(written.last)
      this.#accepted += rules.length
      this.noteDrops(written.drops)
      let last = written.first - 1
      for (const asked of fitting) {
        last += asked.rules.length
        asked.resolve(last)
      }
    } catch (cause) {
      const error = refusal('purge-failed', `the purge could not be kept: ${messageOf(cause)}`, 503, cause)
      for (const asked of fitting) asked.reject(error)
    }
  }

  #takeBatch(): Asked[] {
    let count = 0
    let rules = 0
    while (count < this.#asked.length && (count === 0 || rules < transactionRulesMax)) {
      rules += this.#asked[count].rules.length
      count += 1
    }
    return this.#asked.splice(0, count)
  }

  #fits({ rules, reject }: Asked): boolean {
    try {
      this.#judge(rules)
      return true
    } catch (cause) {
      const isOurs = cause instanceof EdgeError
      reject(isOurs ? cause : refusal('purge-failed', `no purge now: ${messageOf(cause)}`, 503, cause))
      return false
    }
  }

  /** Throws when there would be too many. */
  #judge(rules: readonly PurgeRule[]): void {
    const { purgeRulesMax, purgePrefixesMax } = this.#options.config.limits
    const live = this.purges().rules
    if (live.count + rules.length > purgeRulesMax) {
      const message = `${live.count} purges are in force and there may be ${purgeRulesMax} (limits.purgeRulesMax)`
      throw refusal('purge-rules-max', `${message}: try again in a moment, or purge by site`, 429)
    }
    const prefixes = rules.filter(({ kind }) => kind === 'prefix')
    for (const { site } of prefixes) {
      const count = live.prefixCount(site) + prefixes.filter(rule => rule.site === site).length
      if (count <= purgePrefixesMax) continue
      const message = `${count} prefixes of ${site} would be in force and there may be ${purgePrefixesMax}`
      throw refusal('purge-prefixes-max', `${message} (limits.purgePrefixesMax)`, 429)
    }
  }
}

function refusal(code: string, message: string, status: number, cause?: unknown): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status, cause })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
