// How a worker comes to obey the purges: before each look-up it compares one word of shared memory with what it was, and
// reads the new rules when that has changed. So whatever is asked for after a purge was acknowledged is judged by it.
import type { PurgeWord } from '../../shared/purge-word.js'
import type { PurgeNews } from './log.js'
import { PurgeRules, type Struck, type Subject } from './rules.js'

/** Where the rules are kept; undefined while there is nothing to read from, and nothing stored. */
export type ReadNews = (after: number) => PurgeNews | undefined

export interface PurgesOptions {
  /** Absent in a store that nobody purges. */
  readNews?: ReadNews | undefined
  /**
   * Absent without the native addon: then there is no keeper, and nobody who purges. Undefined while the word cannot be
   * had; asked again at each request.
   */
  openWord?: (() => Word | undefined) | undefined
  /** The rules could not be read; nothing that is stored is used until they can. */
  onTrouble?: ((error: unknown) => void) | undefined
}

type Word = Pick<PurgeWord, 'mark' | 'sequence'> & Partial<Pick<PurgeWord, 'place'>>

/** Says nothing new, ever. */
const noWord: Word = { mark: () => 0, sequence: () => 0 }

export class Purges {
  readonly #rules = new PurgeRules()
  readonly #options: PurgesOptions
  #word: Word | undefined
  /** That of the word when the rules were read last; undefined while they have to be. */
  #mark: number | undefined
  #applied = 0
  #floor = 0

  constructor(options: PurgesOptions = {}) {
    this.#options = options
    if (options.openWord === undefined) this.#word = noWord
    this.#catchUp()
  }

  /** The number of the last purge that this process knows of: the fence of what it begins to fetch now. */
  get applied(): number {
    return this.#applied
  }

  /** What has this fence, or a later one, need not be judged. */
  get newest(): number {
    return this.#rules.newest
  }

  /** Where the word is that tells of purges, and what it was when they were last obeyed; undefined: nobody purges. */
  get watched(): { words: Int32Array; at: number; value: number } | undefined {
    const place = this.#word?.place?.()
    return place && this.#mark !== undefined
      ? { words: place[0], at: place[1], value: this.#mark }
      : undefined
  }

  get rules(): PurgeRules {
    return this.#rules
  }

  /**
   * Reads what was purged since the last time, if anything was: to be called before the store is asked for what answers
   * a request, and ends the views of what was got from it.
   */
  obey(): void {
    if (this.#word === undefined || this.#word.mark() !== this.#mark) this.#catchUp()
  }

  /** What the purges have made of it; undefined: nothing. */
  judge(subject: Subject): Struck | undefined {
    return this.#rules.judge(subject)
  }

  /** True when what a fetch with this fence brings must not be stored: purged since, or nobody knows any more. */
  forbidsStoring(subject: Subject): boolean {
    return subject.fence < this.#floor || this.judge(subject) !== undefined
  }

  /** True when who comes now must not follow a fetch with this fence. */
  forbidsFollowing(subject: Subject): boolean {
    return subject.fence < this.#floor || this.#rules.mayConcern(subject)
  }

  #catchUp(): void {
    const { readNews, openWord, onTrouble } = this.#options
    this.#word ??= openWord?.()
    // Who does not hear of purges uses nothing that may be purged.
    if (this.#word === undefined) return this.#rules.blind(true)
    // The word first: what it announces is in the index by then.
    const mark = this.#word.mark()
    const sequence = this.#word.sequence()
    try {
      const news = readNews?.(this.#applied)
      this.#rules.blind(false)
      // There is no index yet: nothing is stored, and what comes is the first.
      if (news === undefined && readNews !== undefined) return
      this.#take(news ?? { sequence: 0, floor: 0, rules: [] }, sequence)
      this.#mark = mark
    } catch (error) {
      this.#mark = undefined
      this.#rules.blind(true)
      onTrouble?.(error)
    }
  }

  /** An index that was started anew knows less than the word: what the lost rules named was lost with it. */
  #take({ sequence, floor, rules }: PurgeNews, announced: number): void {
    this.#floor = floor
    this.#rules.dropUntil(floor)
    for (const rule of rules) this.#rules.add(rule)
    this.#applied = Math.max(this.#applied, sequence, announced)
  }
}
