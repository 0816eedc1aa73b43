// Which answers the addon knows, by its ids, and of what was read for them.
import type { HotEntry } from '../cache/hot.js'

/** What was read for an answer: first what it is itself. Of most it is that alone, and not in a list, as there are many. */
type Read = HotEntry | readonly [HotEntry, ...HotEntry[]]

/** Answers of one response: for each text of Accept-Encoding, each way to write its target and its host. */
const waysMax = 16

const none: readonly HotEntry[] = []

export class Taught {
  readonly #read: (Read | undefined)[] = []
  /** How many there are. */
  count = 0

  /** `held`: what the answer is. Returns one that has to leave for it. */
  add(id: number, held: HotEntry, read: readonly HotEntry[]): number | undefined {
    this.count += 1
    this.#read[id] = read.length === 1 ? held : [held, ...read.filter(other => other !== held)]
    const others = this.answersOf(held)
    const left = others.length >= waysMax ? others.shift() : undefined
    held.answers = others.length === 0 ? id : [...others, id]
    return left
  }

  /** Ids are given again: those that are another's by now are left out. */
  answersOf(held: HotEntry): number[] {
    const { answers } = held
    if (answers === undefined) return []
    const ids = typeof answers === 'number' ? [answers] : answers
    return ids.filter(id => this.readFor(id)[0] === held)
  }

  readFor(id: number): readonly HotEntry[] {
    const read = this.#read[id]
    if (read === undefined) return none
    return isList(read) ? read : [read]
  }

  /** Nothing more will be heard of it. */
  remove(id: number): readonly HotEntry[] {
    const read = this.readFor(id)
    if (read.length > 0) this.count -= 1
    this.#read[id] = undefined
    return read
  }
}

function isList(read: Read): read is readonly [HotEntry, ...HotEntry[]] {
  return Array.isArray(read)
}
