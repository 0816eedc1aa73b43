// What becomes of the entries of a segment that leaves, in the index: some have their bodies elsewhere now, the others leave too.
import { bindToKey } from '../cache/checksum.js'
import { type Databases, readRecord, readStampMs, transactNow } from '../cache/databases.js'
import { withPlace } from '../cache/encode-entry.js'
import { orderKey } from '../cache/key-bytes.js'
import type { Place } from '../cache/segments/segments.js'
import type { Lodger } from './lodgers.js'

export interface Settled {
  /** Entries that point to their new place. */
  kept: number
  /** Entries that left. */
  dropped: number
}

const nothingMoved: ReadonlyMap<Lodger, Place> = new Map()

/**
 * In one transaction: those in `moved` have their bodies there and become the youngest, the others leave; what was replaced since
 * is left alone. Their records are as they are now: some are made stale, or confirmed, while bodies are copied. Throws what lmdb
 * says, and then nothing has changed.
 */
export function settle(
  databases: Databases,
  lodgers: readonly Lodger[],
  moved: ReadonlyMap<Lodger, Place> = nothingMoved,
  nowMs = Date.now(),
): Settled {
  const { entries, order, changes } = databases
  const changed: string[] = []
  let kept = 0
  transactNow(databases, false, () => {
    for (const lodger of lodgers) {
      const { stored, stampMs } = lodger
      if (readStampMs(databases, stored) !== stampMs) continue
      const place = moved.get(lodger)
      const record = place && readRecord(databases, stored, stampMs)
      const rank = orderKey(stampMs, stored)
      const size = order.get(rank)
      order.removeSync(rank)
      if (place !== undefined && record !== undefined && size !== undefined) {
        // As young as the segment that it lies in now.
        order.putSync(orderKey(nowMs, stored), Buffer.from(size))
        const renewed = withPlace(record, place)
        bindToKey(renewed, stored)
        entries.putSync(stored, renewed, nowMs)
        kept += 1
      } else entries.removeSync(stored)
      changed.push(stored)
    }
  })
  for (const stored of changed) changes?.bump(stored)
  return { kept, dropped: changed.length - kept }
}
