// What the tests of travelling bodies stand on: workers of one host in one process, each with its own segments opened on
// one directory, whose frames arrive at once; fills as an answer makes them; and a reader that notes what it gets.
import type { Test } from 'tap'
import type { Body, BodyReader } from '../../../cache/body.js'
import { decodeEntry, type ResponseEntry } from '../../../cache/entry.js'
import { Fill } from '../../../cache/fill.js'
import { type Bodies, DiskReads } from '../../../cache/segment-reads.js'
import { FillLogs } from '../../../fetch/fill-log.js'
import { type BodyTravel, events, type Turn } from '../../../fetch/host-fill.js'
import { HostFills } from '../../../fetch/host-fills.js'
import type { Frame } from '../../../shared/frames.js'
import type { Ground } from '../../../shared/ground.js'
import { stageOf } from '../../cache/segments/support.js'
import { groundOf, runDirectoryOf } from '../../shared/support/ground.js'
import { recordOf } from '../../support/store-records.js'

/** The store's bodies as another process would open them. */
export function bodiesOf(t: Test, directory: string): Bodies {
  return { segments: stageOf(t, { directory }).segments, reads: new DiskReads(4), evictedReadMaxMs: 60_000 }
}

/** The head of an answer, as an entry without a body. */
export function headOf(): ResponseEntry {
  const entry = decodeEntry(recordOf('head', 0))
  if (entry?.kind !== 'response') throw new Error('this should be a response')
  return entry
}

export interface Collected {
  fill: Fill
  /** How many bodies were stored. */
  kept: () => number
}

export function fillOf(bodies: Bodies | undefined, promised?: number, bodyBytesMax = 2 ** 30): Collected {
  let kept = 0
  const keep = async (): Promise<void> => {
    kept += 1
  }
  const budget = { used: 0, max: 2 ** 30 }
  return { fill: new Fill({ budget, bodyBytesMax, bodies, promised, keep }), kept: () => kept }
}

/** Reads all there is each time it is woken, but nothing while it is slow. */
export class Reader implements BodyReader {
  at = 0
  isSlow = false
  end: 'end' | 'broken' | undefined
  readonly #chunks: Buffer[] = []
  readonly #body: Body

  constructor(body: Body, isSlow = false) {
    this.#body = body
    this.isSlow = isSlow
    body.attach(this)
    this.wake()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  wake(): void {
    while (!this.isSlow && this.end === undefined) {
      const piece = this.#body.read(this, 10_000)
      if (piece === 'later') return
      if (typeof piece === 'string') {
        this.end = piece
        return this.leave()
      }
      this.#chunks.push(Buffer.from(piece))
      this.at += piece.length
    }
  }

  goOn(): void {
    this.isSlow = false
    this.wake()
  }

  leave(): void {
    this.#body.detach(this)
  }
}

export interface TestWorker {
  ground: Ground
  fills: HostFills
  bodies: BodyTravel
  troubles: Error[]
}

export interface TestHost {
  runDirectory: string
  workers: TestWorker[]
  frames: Frame[]
  /** While it is deaf no frame arrives. How often the store was told that somebody waits. */
  state: { isDeaf: boolean; hurries: number }
  /** How many frames said this. */
  said(event: keyof typeof events): number
}

/** `runDirectory`: where the logs go, if not to that of the ground. */
export function travellersOf(
  t: Test,
  count: number,
  given: { logs?: string; recheckMs?: number } = {},
): TestHost {
  const runDirectory = runDirectoryOf(t)
  const directory = `${t.testdir()}/segments`
  const state = { isDeaf: false, hurries: 0 }
  const frames: Frame[] = []
  const members = new Map<number, HostFills>()
  const workers = Array.from({ length: count }, () => {
    const ground = groundOf(t, runDirectory)
    const troubles: Error[] = []
    const bodies: BodyTravel = {
      logs: new FillLogs(given.logs ?? runDirectory, ground.group),
      stored: bodiesOf(t, directory),
      onTrouble: error => void troubles.push(error),
    }
    const send = (to: number, frame: Frame): boolean => {
      frames.push(frame)
      if (!state.isDeaf) members.get(to)?.heard(ground.owner, frame)
      return !state.isDeaf
    }
    const leave = async (): Promise<void> => {}
    const fills = new HostFills({
      ground,
      mesh: { send },
      leave,
      bodies,
      hurry: () => {
        state.hurries += 1
      },
      recheckMs: given.recheckMs ?? 1_000_000,
    })
    members.set(ground.owner, fills)
    t.teardown(() => fills.stop())
    return { ground, fills, bodies, troubles }
  })
  const said = (event: keyof typeof events) => frames.filter(frame => frame.event === events[event]).length
  return { runDirectory, workers, frames, state, said }
}

/** The fill of a turn that should be of this kind. */
export function fillRefOf(turn: Turn, kind: 'lead' | 'elsewhere') {
  if (turn.kind !== kind) throw new Error(`this should be ${kind}, not ${turn.kind}`)
  return turn.fill
}
