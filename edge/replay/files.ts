// The segments that answers are sent out of by the kernel: each is held while any is, and let go of when it is gone from the disk.
import type { PlacedLesson, ReplayMemory } from '../../native/index.js'
import type { Bodies } from '../cache/segment-reads.js'
import type { Hold, Place } from '../cache/segments/segments.js'

/** Held at once; the one that was begun with first leaves for another. */
const heldMax = 256
/** What every place has little of: a body in more parts is rare, and sent by the path. */
const extentsMax = 256

interface Held {
  readonly hold: Hold
  isLeaving: boolean
}

export class ReplayFiles {
  readonly #memory: Pick<ReplayMemory, 'addFile' | 'leaveFile' | 'cutFile'>
  readonly #bodies: Bodies
  /** By segment. */
  readonly #held = new Map<number, Held>()

  constructor(memory: Pick<ReplayMemory, 'addFile' | 'leaveFile' | 'cutFile'>, bodies: Bodies) {
    this.#memory = memory
    this.#bodies = bodies
  }

  /** Undefined when it cannot be sent out of its segment at the moment. */
  placed({ segment, extents, bytes }: Place): PlacedLesson | undefined {
    if (extents.length > extentsMax || !this.#keep(segment)) return undefined
    return { file: segment, extents, bytes }
  }

  #keep(segment: number): boolean {
    const held = this.#held.get(segment)
    if (held !== undefined) return !held.isLeaving
    const hold = this.#bodies.segments.hold({ segment })
    const { descriptor } = hold
    if (descriptor === undefined) {
      hold.release()
      return false
    }
    this.#held.set(segment, { hold, isLeaving: false })
    this.#memory.addFile(segment, descriptor)
    if (this.#held.size > heldMax) this.#leaveFirst()
    return true
  }

  #leaveFirst(): void {
    for (const [segment, held] of this.#held) {
      if (held.isLeaving) continue
      this.#leave(segment, held)
      return
    }
  }

  /** Lets go of what is gone, as soon as nobody is being sent to out of it. */
  sweep(): void {
    for (const [segment, held] of this.#held) {
      const { goneSinceMs } = held.hold
      if (goneSinceMs === undefined && !held.isLeaving) continue
      const goneMs = goneSinceMs === undefined ? 0 : performance.now() - goneSinceMs
      if (goneMs > this.#bodies.evictedReadMaxMs) this.#memory.cutFile(segment)
      this.#leave(segment, held)
    }
  }

  /** Nothing is sent any more. */
  end(): void {
    for (const { hold } of this.#held.values()) hold.release()
    this.#held.clear()
  }

  #leave(segment: number, held: Held): void {
    held.isLeaving = true
    if (this.#memory.leaveFile(segment) > 0) return
    this.#held.delete(segment)
    held.hold.release()
  }
}
