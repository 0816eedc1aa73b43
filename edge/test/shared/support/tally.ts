// What the processes of the random test note about each other, in a file that they share: who leads which key, who is
// dead, and what went wrong. It is right even when the one who notes is killed the moment after.
import { map } from '../../../../native/index.js'

export const keysCount = 24
/** More workers than a run has. */
const ownersMax = 4_000

/** `conflicts`: two led one key. `torn`: a place that nobody wrote. `ahead`: more bytes than there are. */
export const faultNames = ['conflicts', 'torn', 'ahead', 'shrunk', 'lost'] as const
export const eventNames = [
  'led',
  'followed',
  'tookOver',
  'unshared',
  'full',
  'read',
  'evicted',
  'withdrew',
] as const
export type Name = (typeof faultNames)[number] | (typeof eventNames)[number]
const names: readonly Name[] = [...faultNames, ...eventNames]

export class Tally {
  readonly #words: Int32Array

  constructor(path: string) {
    this.#words = new Int32Array(map(path, 4 * (keysCount + ownersMax + names.length), { create: true }))
  }

  add(name: Name): void {
    Atomics.add(this.#words, keysCount + ownersMax + names.indexOf(name), 1)
  }

  sum(name: Name): number {
    return Atomics.load(this.#words, keysCount + ownersMax + names.indexOf(name))
  }

  /** Before anybody is told of it. */
  bury(owner: number): void {
    Atomics.store(this.#words, keysCount + owner, 1)
  }

  /** `owner` leads the key from now on. */
  begins(key: number, owner: number): void {
    const before = Atomics.exchange(this.#words, key, owner)
    if (before !== 0 && Atomics.load(this.#words, keysCount + before) === 0) this.add('conflicts')
  }

  /** Before it tells the others. */
  ends(key: number, owner: number): void {
    if (Atomics.compareExchange(this.#words, key, owner, 0) !== owner) this.add('conflicts')
  }
}
