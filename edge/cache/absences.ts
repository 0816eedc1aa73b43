// Keys that were lately found to hold nothing, with the counters that they had then: while these are the same nothing was
// stored under them. What nobody may keep is asked for again and again, and to look for it in LMDB was a twentieth of that.
import { hashOf } from '../shared/sketch-file.js'

/** A power of two: the low bits of a key's hash choose its place, and who comes last has it. */
const placesCount = 4_096
/** The memory that all places may take: most keys are far shorter. */
const keyCharactersMax = 512
/** What is kept is held against LMDB after this time whatever the counters say. */
export const trustedMs = 10 * 60_000

export class Absences {
  readonly #keys: string[] = Array(placesCount).fill('')
  readonly #generations = new Float64Array(placesCount)
  readonly #checkedMs = new Float64Array(placesCount)
  /** How many writes are under way. */
  readonly #writes = new Int32Array(placesCount)

  /** When nothing was found under the key (wall clock, milliseconds), if that still holds; else -1. `hash`: its `hashOf`. */
  checkedMs(stored: string, hash: number, generation: number, nowMs: number): number {
    const place = placeOf(hash)
    if (this.#generations[place] !== generation || this.#keys[place] !== stored) return -1
    const ageMs = nowMs - this.#checkedMs[place]!
    return ageMs >= 0 && ageMs < trustedMs ? this.#checkedMs[place]! : -1
  }

  /** Nothing is under the key. `generation`: its counter just before that was looked for. */
  note(stored: string, hash: number, generation: number, nowMs: number): void {
    const place = placeOf(hash)
    if (stored.length > keyCharactersMax || this.#writes[place]! > 0) return
    this.#keys[place] = stored
    this.#generations[place] = generation
    this.#checkedMs[place] = nowMs
  }

  /** It is looked for again, whatever its counter says. */
  remove(stored: string): void {
    const place = placeOf(hashOf(stored))
    if (this.#keys[place] === stored) this.#keys[place] = ''
  }

  /**
   * Something is to be stored under the key, until `written`: a write is seen in LMDB some time before its counter says so,
   * and who has written finds it at once.
   */
  writing(stored: string): void {
    this.remove(stored)
    this.#writes[placeOf(hashOf(stored))]! += 1
  }

  written(stored: string): void {
    this.#writes[placeOf(hashOf(stored))]! -= 1
  }

  clear(): void {
    this.#keys.fill('')
  }
}

function placeOf(hash: number): number {
  return hash & (placesCount - 1)
}
