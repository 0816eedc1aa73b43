// How often what the index holds was changed, by key, in memory that all who use the index share: it lies beside it. What a
// process keeps of an entry in its own memory is current while the counter of its key is what it was when it was read.
import { join } from 'node:path'
import { bootHeaderBytes, openBootFile } from './boot-file.js'
import { closeFile, openAlone, type SharedFile } from './shared-file.js'
import { hashOf } from './sketch-file.js'
import { readBootId } from './zones.js'

/** A power of two: the low bits of a key's hash choose. One counter serves many keys: too many bumps cost a look-up. */
const countersCount = 65_536
/** "naijchan" as it lies in memory. */
const magic = Buffer.from('naijchan', 'latin1').readBigUInt64LE()
/** Behind the words of the boot: the sum of all counters, and how often all were given up at once. */
const sumAt = 24 / 4
const epochAt = sumAt + 1

export class Changes {
  readonly #header: Int32Array
  readonly #counters: Int32Array
  readonly #close: () => void

  constructor(file: SharedFile) {
    this.#header = new Int32Array(file.buffer, 0, bootHeaderBytes / 4)
    this.#counters = new Int32Array(file.buffer, bootHeaderBytes, countersCount)
    this.#close = () => closeFile(file)
  }

  /** Of the key whose `slotOf` this is. */
  of(slot: number): number {
    return Atomics.load(this.#counters, slot)
  }

  /** Changes with every `bump`. Load a counter first, then this: if it is what it was at a snapshot, so is the entry. */
  sum(): number {
    return Atomics.load(this.#header, sumAt)
  }

  /** What is under the key has changed: call it after the commit. */
  bump(stored: string): void {
    // First the sum: who sees the new counter must see, looking at the sum next, that his snapshot is old.
    Atomics.add(this.#header, sumAt, 1)
    Atomics.add(this.#counters, slotOf(stored), 1)
  }

  /** All counters, by slot. */
  get counters(): Int32Array {
    return this.#counters
  }

  /** Where the epoch is. */
  epochPlace(): [words: Int32Array, at: number] {
    return [this.#header, epochAt]
  }

  /** Changes when nobody knows what has changed: see `renew`. */
  epoch(): number {
    return Atomics.load(this.#header, epochAt)
  }

  /**
   * Somebody died, or may have, who perhaps did not come to say what he had changed: what anybody keeps is to be held
   * against the index again.
   */
  renew(): void {
    Atomics.add(this.#header, sumAt, 1)
    Atomics.add(this.#header, epochAt, 1)
  }

  /** Nothing may be called afterwards. */
  close(): void {
    this.#close()
  }
}

/** Of the key as it is kept. */
export function slotOf(stored: string): number {
  return slotOfHash(hashOf(stored))
}

/** `hash`: `hashOf` that key. */
export function slotOfHash(hash: number): number {
  return hash & (countersCount - 1)
}

/** Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openChanges(cacheDirectory: string, bootId = readBootId()): Changes {
  const path = join(cacheDirectory, 'changes-v1')
  const bytes = bootHeaderBytes + 4 * countersCount
  const open = () => openBootFile({ path, bytes, magic, bootId })
  return new Changes(openAlone(cacheDirectory, open, undefined, 'cache.directory'))
}
