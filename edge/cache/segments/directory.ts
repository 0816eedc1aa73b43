// The directory of the segments as all workers see it: which there are, and how many bytes they take. Making them is
// create.ts's, removing them evict.ts's.
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { idOf, segmentPath } from './header.js'

export interface SegmentFile {
  readonly id: number
  /** What it takes of the disk: reserved space counts, and so does what was not written out yet. */
  readonly bytes: number
  /** When it was last written to: wall clock, milliseconds. */
  readonly writtenMs: number
}

export interface Totals {
  readonly files: number
  readonly bytes: number
}

/** A listing is used this long: other workers come and go meanwhile. */
const listingMs = 1_000
const blockBytes = 512
/** Looked at in one turn of the loop. */
const filesPerTurn = 32

/** Ids of all segments, oldest first. Throws what reading the directory throws. */
export function listIds(directory: string): number[] {
  return idsOf(readdirSync(directory))
}

/**
 * All segments, oldest first; what vanishes meanwhile is left out. Rejects as reading the directory does. Each is asked of the
 * kernel in some microseconds; waiting for a thread of the pool takes milliseconds where all cores are busy.
 */
export async function listFiles(directory: string): Promise<SegmentFile[]> {
  const files: SegmentFile[] = []
  for (const [at, id] of idsOf(await readdir(directory)).entries()) {
    if (at > 0 && at % filesPerTurn === 0) await new Promise(resolve => setImmediate(resolve))
    const status = lstatSync(segmentPath(directory, id), { throwIfNoEntry: false })
    if (status !== undefined) files.push({ id, bytes: takenBytes(status), writtenMs: status.mtimeMs })
  }
  return files
}

export function takenBytes({ size, blocks }: Pick<Stats, 'size' | 'blocks'>): number {
  return Math.max(size, blocks * blockBytes)
}

function idsOf(names: string[]): number[] {
  return names
    .map(idOf)
    .filter(id => id !== undefined)
    .sort((a, b) => a - b)
}

/** The totals of a directory, at most a second old for who asks that often; asking never waits for the disk. */
export class Listing {
  readonly #directory: string
  #totals: Totals
  #listedAtMs = performance.now()
  #listing: Promise<void> | undefined

  /** Lists at once, and throws as reading the directory does. */
  constructor(directory: string) {
    this.#directory = directory
    const all = listIds(directory)
      .map(id => lstatSync(segmentPath(directory, id), { throwIfNoEntry: false }))
      .filter(status => status !== undefined)
    this.#totals = { files: all.length, bytes: all.reduce((sum, status) => sum + takenBytes(status), 0) }
  }

  /** What is known; a new listing is begun when that is older than a second. */
  totals(): Totals {
    if (performance.now() - this.#listedAtMs >= listingMs) void this.refresh()
    return this.#totals
  }

  /** Lists anew, once for all who ask meanwhile; never rejects. */
  refresh(): Promise<void> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined
    })
    return this.#listing
  }

  async #list(): Promise<void> {
    this.#listedAtMs = performance.now()
    try {
      this.take(await listFiles(this.#directory))
    } catch {
      // No directory, or none that can be read: nothing in it can be used.
      this.take([])
    }
  }

  /** What somebody else has just listed, or changed. */
  take(files: readonly SegmentFile[]): void {
    this.#totals = { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) }
  }

  /** A segment was made in this process: it counts at once. */
  add(bytes: number): void {
    this.#totals = { files: this.#totals.files + 1, bytes: this.#totals.bytes + bytes }
  }
}
