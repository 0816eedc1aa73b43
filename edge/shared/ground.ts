// The ground that all workers of a host stand on: one object per process, over memory that they share. State only; who
// waits for a change is woken over the mesh (mesh.ts). join.ts puts the two together.
import { unmap } from '../../native/index.js'
import { CounterRows } from './counter-rows.js'
import { Fills } from './fills.js'
import { layoutOf } from './layout.js'
import { openAlone, type Replaced, type SharedFile } from './shared-file.js'
import { Slots, type Step } from './slots.js'
import { openZones, readBootId, removeOldZones, takeOwner } from './zones.js'

export interface GroundOptions {
  /** Exists, and is on a file system that keeps what it reserves. */
  runDirectory: string
  /** Fetches at once that may be collapsed: 16 to 65,536. Processes with another number share nothing. */
  slots: number
  /** Milliseconds of a clock that all processes of the host share; given by tests. */
  nowMs?: () => number
  bootId?: string
  beforeStep?: (step: Step) => void
}

export interface Ground {
  /** The number of this process, never given to another. */
  readonly owner: number
  /** Which processes stand on the same ground: those with the same. */
  readonly group: string
  readonly fills: Fills
  readonly counters: CounterRows
  /** The file that could not be used when it was opened, and is new now. */
  readonly replaced: Replaced | undefined
  /** Everyone with a fill or a row, this process too, and perhaps some of the dead. */
  owners(): Set<number>
  /** The process with this number is gone: see `Fills.orphan`, of which this is the return value. */
  orphan(owner: number): ReturnType<Fills['orphan']>
  /** Leaves what this process led to the others. Nothing of the ground may be used afterwards. */
  close(): void
}

export const slotsMin = 16
export const slotsMax = 65_536

/**
 * Opens the ground, and makes it when this is the first process on it. Blocks for moments. Throws an EdgeError: `ground`
 * (directory missing, not writable, full; no addon), `ground-busy`, `ground-damaged` (others use what cannot be used).
 */
export function openGround(options: GroundOptions): Ground {
  const { runDirectory, slots, bootId = readBootId() } = options
  if (!Number.isInteger(slots) || slots < slotsMin || slots > slotsMax) {
    throw new RangeError(`slots must be an integer from ${slotsMin} to ${slotsMax}`)
  }
  const layout = layoutOf(slots)
  const zones = openAlone(runDirectory, () => {
    removeOldZones(runDirectory, layout, bootId)
    return openZones(runDirectory, layout, bootId)
  })
  return groundOn(zones, options, layout)
}

function groundOn(zones: SharedFile, options: GroundOptions, layout: ReturnType<typeof layoutOf>): Ground {
  const { nowMs = hostNowMs, beforeStep } = options
  const { buffer } = zones
  const owner = takeOwner(buffer, layout)
  const counters = new CounterRows(buffer, layout, owner)
  const slots = new Slots({ buffer, zone: layout.slots, ...(beforeStep && { beforeStep }) })
  const fills = new Fills({ slots, owner, nowMs, count: name => counters.count(name) })
  const orphan = (gone: number) => {
    counters.release(gone)
    return fills.orphan(gone)
  }
  return {
    owner,
    group: layout.name,
    fills,
    counters,
    replaced: zones.replaced,
    owners: () => new Set([...fills.owners(), ...counters.owners()]),
    orphan,
    close: () => {
      orphan(owner)
      closeFile(zones)
    },
  }
}

/** Unmapped first: who gets the lock next may be alone with the file, and change what we would still see. */
function closeFile({ buffer, lock }: SharedFile): void {
  unmap(buffer)
  lock.release()
}

/** Of CLOCK_MONOTONIC, which is one for all processes of a machine. */
function hostNowMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
