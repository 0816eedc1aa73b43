// A table of what was read most lately, in memory of our own, over the store of a worker. Each entry carries the counter
// that its key had in the memory which all who write share: while that is the same nobody has changed it. And the number of
// the LMDB transaction that last wrote the page its key is on: while a look-up finds that unchanged, its bytes need not be
// copied out again.
import { Absences } from './absences.js'
import { type Entry, keepEntry } from './entry.js'

/** A longer body that lies in a segment is always read there. */
const loadedBytesMax = 1024 * 1024

/** Once the table is full a copy is made at the second reading; so many keys, or as many as are in it, are remembered as read once. */
const sightingsMin = 4_096
/** What an entry takes besides its bytes: objects, buffers, the place in the table. */
const objectBytes = 600

export interface HotEntry {
  readonly entry: Entry
  readonly bytes: number
  /** Of the page on which the key was found. */
  transaction: number
  /** When the store was last asked about it: wall clock, milliseconds. */
  checkedMs: number
  /** Of `Changes`: the counter of its key, and what that was just before it was read. */
  slot: number
  generation: number
  /** Read since eviction last came by. */
  isWanted: boolean
  /** Of the marks, when it was last marked as used; -1: never. */
  markTurn: number
  readonly key: string
  /** By a request that could have been answered elsewhere (replay/replay.ts). */
  wasHit: boolean
  /** What is given without asking here (replay/replay.ts), by its ids. */
  answers: number | readonly number[] | undefined
}

export type Seen = Pick<HotEntry, 'transaction' | 'checkedMs' | 'slot' | 'generation'>

/** No counter is ever this. */
export const unknownGeneration = 2 ** 32

export class HotTable {
  readonly #bytesMax: number
  readonly #entries = new Map<string, HotEntry>()
  /** What is not in the store at all. */
  readonly absences = new Absences()
  #bytes = 0
  /** An entry leaves of which answers are given elsewhere. */
  onLeave: (held: HotEntry) => void = () => {}
  // Two halves: when one is full the other is forgotten, so that no key is remembered for ever.
  #sightings = new Set<string>()
  #olderSightings = new Set<string>()

  /** `bytesMax`: of records; 0 switches the table off. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): HotEntry | undefined {
    return this.#entries.get(key)
  }

  /** Takes a copy of what was just read, and returns it, if there is room for it, or the key was read before. */
  offer(key: string, entry: Entry, recordBytes: number, seen: Seen): Entry {
    const bodyBytes = loadableBytes(entry)
    const bytes = recordBytes + key.length + bodyBytes + objectBytes
    if (bytes > this.#bytesMax / 8) return entry
    if (this.#bytes + bytes > this.#bytesMax && !this.#wasSeen(key)) return entry
    this.remove(key)
    this.#makeRoom(bytes)
    // A list was read out of its bytes already.
    const kept = entry.kind === 'response' ? keepEntry(entry) : entry
    if (kept.kind === 'response') kept.isLoadable = bodyBytes > 0
    const { transaction, checkedMs, slot, generation } = seen
    // Of one shape, as what is put together by spreading is looked up anew at each use.
    this.#entries.set(key, {
      key,
      entry: kept,
      bytes,
      transaction,
      checkedMs,
      slot,
      generation,
      isWanted: false,
      markTurn: -1,
      wasHit: false,
      answers: undefined,
    })
    this.#bytes += bytes
    return kept
  }

  /** The store is asked about these entries again, or about every one, whatever the clock says. */
  distrust(keys?: Iterable<string>): void {
    if (keys === undefined) this.absences.clear()
    for (const key of keys ?? this.#entries.keys()) {
      if (keys !== undefined) this.absences.remove(key)
      const entry = this.#entries.get(key)
      if (entry === undefined) continue
      entry.checkedMs = 0
      entry.generation = unknownGeneration
    }
  }

  remove(key: string): void {
    this.absences.remove(key)
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    if (entry.answers !== undefined) this.onLeave(entry)
  }

  /** The oldest leave first, but what was read meanwhile gets another round. */
  #makeRoom(bytes: number): void {
    for (const [key, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.#bytesMax) return
      this.#entries.delete(key)
      if (entry.isWanted) {
        entry.isWanted = false
        this.#entries.set(key, entry)
        continue
      }
      this.#bytes -= entry.bytes
      if (entry.answers !== undefined) this.onLeave(entry)
    }
  }

  #wasSeen(key: string): boolean {
    if (this.#sightings.has(key) || this.#olderSightings.has(key)) return true
    if (this.#sightings.size >= Math.max(sightingsMin, this.#entries.size)) {
      this.#olderSightings = this.#sightings
      this.#sightings = new Set()
    }
    this.#sightings.add(key)
    return false
  }
}

/** Of a body that is worth having in memory: there is room for it from the beginning. */
function loadableBytes(entry: Entry): number {
  const bytes = entry.kind === 'response' ? (entry.place?.bytes ?? 0) : 0
  return bytes <= loadedBytesMax ? bytes : 0
}
