// What the tests of fills in segments share: a fill with all that it tells, readers, an origin that pours.
import type { Test } from 'tap'
import type { BodyReader } from '../../cache/body.js'
import type { Content } from '../../cache/entry.js'
import { Fill } from '../../cache/fill.js'
import { type Bodies, DiskReads } from '../../cache/segment-reads.js'
import type { Place, Segments } from '../../cache/segments/segments.js'
import { mebibyte, stageOf } from './segments/support.js'

export interface Filling {
  fill: Fill
  budget: { used: number; max: number }
  kept: Content[]
  failures: unknown[]
  bodies: Bodies
}

interface FillingOptions {
  bodyBytesMax?: number
  promised?: number | undefined
  segments?: Segments
  diskReadsMax?: number
}

export function fillingOf(t: Test, more: FillingOptions = {}): Filling {
  const segments = more.segments ?? stageOf(t, { segmentBytes: 64 * mebibyte }).segments
  const bodies = { segments, reads: new DiskReads(more.diskReadsMax ?? 2), evictedReadMaxMs: 60_000 }
  const budget = { used: 0, max: 10 * mebibyte }
  const kept: Content[] = []
  const failures: unknown[] = []
  const fill = new Fill({
    budget,
    bodyBytesMax: more.bodyBytesMax ?? 64 * mebibyte,
    promised: more.promised,
    bodies,
    keep: async content => void kept.push(content),
    onFailure: error => void failures.push(error),
  })
  return { fill, budget, kept, failures, bodies }
}

/** Reads all there is each time, or nothing while it is slow. */
export class Reader implements BodyReader {
  at = 0
  isSlow = false
  end: 'end' | 'broken' | undefined
  readonly #chunks: Buffer[] = []

  constructor(readonly fill: Fill) {
    fill.attach(this)
    this.wake()
  }

  get body(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  wake(): void {
    while (!this.isSlow && this.end === undefined) {
      const piece = this.fill.read(this, 50_000)
      if (piece === 'later') break
      if (typeof piece === 'string') {
        this.end = piece
        return this.fill.detach(this)
      }
      this.#chunks.push(Buffer.from(piece))
      this.at += piece.length
    }
    this.fill.progressed()
  }

  hurry(): void {
    this.isSlow = false
    this.wake()
  }
}

export async function pour({ fill }: Filling, body: Buffer, chunkBytes = 30_000): Promise<void> {
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (fill.add(body.subarray(at, at + chunkBytes))) continue
    await new Promise<void>(resolve => {
      fill.onRoom = resolve
    })
  }
}

export async function readBack({ bodies }: Filling, place: Place): Promise<Buffer> {
  const into = Buffer.alloc(place.bytes)
  await bodies.segments.readLater(place, 0, into)
  return into
}

/** The same segments, some of them otherwise. */
export function through(segments: Segments, otherwise: Partial<Segments>): Segments {
  return {
    begin: promised => segments.begin(promised),
    hurry: () => segments.hurry(),
    isThere: segment => segments.isThere(segment),
    read: (place, from, into) => segments.read(place, from, into),
    readLater: (place, from, into) => segments.readLater(place, from, into),
    hold: place => segments.hold(place),
    needsCheck: place => segments.needsCheck(place),
    check: place => segments.check(place),
    checkNow: place => segments.checkNow(place),
    evictOldest: keepBytes => segments.evictOldest(keepBytes),
    status: () => segments.status(),
    close: () => segments.close(),
    ...otherwise,
  }
}
