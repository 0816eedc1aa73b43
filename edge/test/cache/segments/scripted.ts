// Segments that hold one body in memory and answer as a test wants: at hand, from the disk when the test says so, broken,
// gone. The real ones are in support.ts.
import type { Place, Segments } from '../../../cache/segments/segments.js'

export interface Scripted {
  readonly segments: Segments
  /** Else `read` says 'wait'. */
  isAtHand: boolean
  isBroken: boolean
  goneSinceMs: number | undefined
  /** Holds that were not released. */
  holds: number
  /** How often `read` was asked. */
  reads: number
  /** Readings that wait for the disk: each ends when it is called. */
  readonly disk: (() => void)[]
}

export function scripted(body: Buffer): Scripted {
  const copy = (from: number, into: Uint8Array): number | undefined =>
    script.isBroken ? undefined : body.copy(into, 0, from)
  const faces: Pick<Segments, 'read' | 'readLater' | 'hold'> = {
    read(_place, from, into) {
      script.reads += 1
      return script.isAtHand ? copy(from, into) : 'wait'
    },
    readLater: (_place, from, into) =>
      new Promise(resolve => script.disk.push(() => resolve(copy(from, into)))),
    hold() {
      script.holds += 1
      return {
        descriptor: undefined,
        get goneSinceMs() {
          return script.goneSinceMs
        },
        release() {
          script.holds -= 1
        },
      }
    },
  }
  const script: Scripted = {
    segments: faces as Segments,
    isAtHand: true,
    isBroken: false,
    goneSinceMs: undefined,
    holds: 0,
    reads: 0,
    disk: [],
  }
  return script
}

/** Where `body` lies, as `scripted` takes it. */
export function placeOf(body: Uint8Array): Place {
  return { segment: 1, extents: [[64, body.length]], bytes: body.length, crc: 0 }
}
