// A file of counters in the cache's directory that all who use the cache map: two halves, of which one counts and the other
// is what was counted before. What they count is open-sightings.ts's and open-marks.ts's.
import { readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { bootHeaderBytes, openBootFile } from './boot-file.js'
import { closeFile, openAlone, type SharedFile } from './shared-file.js'
import { readBootId } from './zones.js'

/** "naijskch" as it lies in memory. */
const magic = Buffer.from('naijskch', 'latin1').readBigUInt64LE()
/** Behind magic and boot id. */
const halfAt = 24 / 4
const countAt = halfAt + 1

/** A key has a counter in two places of a half: with one key for eight of them, one in twenty new keys seems known. */
export const countersPerKey = 8
/** What an object takes, about, of which there are so many that a sketch must know. */
const objectBytes = 32 * 1024
const countersMin = 2 ** 16
const countersMax = 2 ** 25

/** Counters of one half for a cache of so many bytes: a power of two. */
export function countersOf(bytesMax: number): number {
  const wanted = 2 ** Math.ceil(Math.log2((bytesMax / objectBytes) * countersPerKey))
  return Math.min(Math.max(wanted, countersMin), countersMax)
}

export class SketchFile {
  readonly counters: number
  readonly #header: Int32Array
  readonly #halves: readonly [Uint8Array, Uint8Array]
  readonly #close: () => void

  /** `counters`: of one half, a power of two. */
  constructor(buffer: ArrayBuffer, counters: number, close: () => void) {
    this.counters = counters
    this.#header = new Int32Array(buffer, 0, bootHeaderBytes / 4)
    this.#halves = [
      new Uint8Array(buffer, bootHeaderBytes, counters),
      new Uint8Array(buffer, bootHeaderBytes + counters, counters),
    ]
    this.#close = close
  }

  /** How often the halves have changed places. */
  turn(): number {
    return Atomics.load(this.#header, halfAt)
  }

  /** The half that counts, and the other one. */
  halves(): { counting: Uint8Array; before: Uint8Array } {
    const [even, odd] = this.#halves
    return (this.turn() & 1) === 0 ? { counting: even, before: odd } : { counting: odd, before: even }
  }

  /** Counts a key of this turn; returns how many there are. */
  count(): number {
    return Atomics.add(this.#header, countAt, 1) + 1
  }

  /** What was counted before is forgotten, and what counts takes its place; unless another has done it since `turn`. */
  swap(turn: number): void {
    if (Atomics.compareExchange(this.#header, halfAt, turn, turn + 1) !== turn) return
    this.#halves[(turn + 1) & 1].fill(0)
    Atomics.store(this.#header, countAt, 0)
  }

  /** Nothing may be called afterwards. */
  close(): void {
    this.#close()
  }
}

/** FNV-1a. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash ^ (hash >>> 16)
}

/** Another 32 bits of the same (the finaliser of MurmurHash3). */
export function remix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** `name` tells one sketch from another. Blocks for moments. Throws an EdgeError as `openGround` does. */
export function openSketchFile(
  cacheDirectory: string,
  name: string,
  bytesMax: number,
  bootId = readBootId(),
): SketchFile {
  const counters = countersOf(bytesMax)
  const own = `${name}${Math.log2(counters)}`
  const open = (): SharedFile => {
    removeOthers(cacheDirectory, name, own)
    const bytes = bootHeaderBytes + 2 * counters
    return openBootFile({ path: join(cacheDirectory, own), bytes, magic, bootId })
  }
  const file = openAlone(cacheDirectory, open, undefined, 'cache.directory')
  return new SketchFile(file.buffer, counters, () => closeFile(file))
}

/** Of a cache that was larger or smaller: who still has it mapped keeps it. */
function removeOthers(directory: string, name: string, own: string): void {
  for (const file of readdirSync(directory)) {
    if (file.startsWith(name) && file !== own) unlinkSync(join(directory, file))
  }
}
