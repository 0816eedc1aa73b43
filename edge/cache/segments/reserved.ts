// What is reserved for one body in its segment: as much as is known to be needed, else pieces that double. Written from
// its beginning to its end, so that whatever is free is the end of the last extent.
import { type Extent, extentsMax } from './place.js'
import type { OpenSegment } from './segment.js'

/** Longer bodies are kept as slices of this length, each a writing of its own. */
export const sliceBytes = 4 * 1024 * 1024
/** Extents of a body of unknown length: the first, and the largest. */
export const extentBytesMin = 64 * 1024
const extentBytesMax = 1024 * 1024

/** How much of a segment is reserved at first: all of a body whose length is known and no more than a slice. */
export function firstExtentBytes(promised: number | undefined): number {
  return promised === undefined || promised > sliceBytes ? extentBytesMin : promised
}

export class Reserved {
  readonly #segment: OpenSegment
  readonly #extents: [offset: number, length: number][] = []
  #bytes = 0
  #nextBytes: number

  constructor(segment: OpenSegment, promised: number | undefined) {
    this.#segment = segment
    this.#nextBytes = extentBytesMin
    const bytes = firstExtentBytes(promised)
    if (promised === bytes && bytes > 0) this.#add(bytes)
  }

  /** Bytes free when `written` are. */
  roomAfter(written: number): number {
    return this.#bytes - written
  }

  /** Where in the file byte `written` goes; only while there is room after it. */
  offsetOf(written: number): number {
    const [offset, length] = this.#extents.at(-1)!
    return offset + length - this.roomAfter(written)
  }

  /** For `waiting` bytes, which are all the rest when `isLast`. False when there is no room, or the body lies in too many pieces. */
  reserve(waiting: number, isLast: boolean): boolean {
    if (isLast) return this.#add(waiting)
    const bytes = Math.max(this.#nextBytes, Math.min(waiting, extentBytesMax))
    this.#nextBytes = Math.min(bytes * 2, extentBytesMax)
    return this.#add(bytes)
  }

  /** Nothing follows: what is free goes back, if nobody has reserved behind it. */
  close(written: number): void {
    const room = this.roomAfter(written)
    if (room === 0) return
    const last = this.#extents.at(-1)!
    this.#segment.giveBack(last[0] + last[1], room)
    last[1] -= room
    if (last[1] === 0) this.#extents.pop()
    this.#bytes = written
  }

  /** Where the first `bytes` are. */
  upTo(bytes: number): Extent[] {
    const extents: Extent[] = []
    let left = bytes
    for (const [offset, length] of this.#extents) {
      if (left === 0) break
      const part = Math.min(length, left)
      extents.push([offset, part])
      left -= part
    }
    return extents
  }

  #add(bytes: number): boolean {
    const last = this.#extents.at(-1)
    const offset = this.#segment.reserve(bytes)
    if (offset === undefined) return false
    if (last !== undefined && last[0] + last[1] === offset) last[1] += bytes
    else if (this.#extents.length === extentsMax) return false
    else this.#extents.push([offset, bytes])
    this.#bytes += bytes
    return true
  }
}
