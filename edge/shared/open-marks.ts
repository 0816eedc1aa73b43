// Which entries were used lately, about, as all workers of a cache say: who evicts keeps those. Marks are forgotten by
// halves, when about half of what is stored has left and come.
import { openSketchFile, remix, type SketchFile } from './sketch-file.js'

export class Marks {
  readonly #file: SketchFile
  readonly #mask: number

  constructor(file: SketchFile) {
    this.#file = file
    this.#mask = file.counters - 1
  }

  /** Changes when marks are forgotten: what was marked before is to be marked again when it is used. */
  turn(): number {
    return this.#file.turn()
  }

  /** `hash`: of the key as it is kept (`hashOf`). */
  mark(hash: number): void {
    const { counting } = this.#file.halves()
    counting[hash & this.#mask] = 1
    counting[remix(hash) & this.#mask] = 1
  }

  isMarked(hash: number): boolean {
    const { counting, before } = this.#file.halves()
    const [one, other] = [hash & this.#mask, remix(hash) & this.#mask]
    return (counting[one] & counting[other]) !== 0 || (before[one] & before[other]) !== 0
  }

  /** Forgets what was marked before the last time. */
  forgetOlder(): void {
    this.#file.swap(this.#file.turn())
  }

  /** Nothing may be called afterwards. */
  close(): void {
    this.#file.close()
  }
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openMarks(cacheDirectory: string, bytesMax: number, bootId?: string): Marks {
  return new Marks(openSketchFile(cacheDirectory, 'used-v1-', bytesMax, bootId))
}
