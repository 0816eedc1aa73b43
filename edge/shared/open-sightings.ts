// How often a key was asked for lately and not found, about, as all workers of a cache have seen it: a count-min sketch,
// which forgets by halves, so that nothing is remembered for ever.
import { countersPerKey, hashOf, openSketchFile, remix, type SketchFile } from './sketch-file.js'

/** Counters go so far. */
const countMax = 255

export class Sightings {
  readonly #file: SketchFile
  readonly #mask: number
  readonly #keysMax: number

  constructor(file: SketchFile) {
    this.#file = file
    this.#mask = file.counters - 1
    this.#keysMax = file.counters / countersPerKey
  }

  /** Counts the key; how often it had been counted before, lately: about, rather too often than too seldom. */
  note(key: string): number {
    const hash = hashOf(key)
    const [one, other] = [hash & this.#mask, remix(hash) & this.#mask]
    const turn = this.#file.turn()
    const { counting, before } = this.#file.halves()
    const now = Math.min(counting[one], counting[other])
    // What two workers count in the same moment may count once.
    if (counting[one] === now) counting[one] = Math.min(now + 1, countMax)
    if (other !== one && counting[other] === now) counting[other] = Math.min(now + 1, countMax)
    if (now === 0 && this.#file.count() > this.#keysMax) this.#file.swap(turn)
    return now + Math.min(before[one], before[other])
  }

  /** Nothing may be called afterwards. */
  close(): void {
    this.#file.close()
  }
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openSightings(cacheDirectory: string, bytesMax: number, bootId?: string): Sightings {
  return new Sightings(openSketchFile(cacheDirectory, 'seen-v1-', bytesMax, bootId))
}
