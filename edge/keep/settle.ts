// What becomes of the entries of a segment that leaves, in the index: some have their bodies elsewhere now, the others leave too.
import { type Databases, readStampMs, transactNow } from '../cache/databases.js'
import { orderKey } from '../cache/key-bytes.js'
import type { Lodger } from './lodgers.js'

export interface Settled {
  /** Entries that point to their new place. */
  kept: number
  /** Entries that left. */
  dropped: number
}

const nothingMoved: ReadonlyMap<Lodger, Buffer> = new Map()

/**
 * In one transaction: those in `moved` get the records there and become the youngest, the others leave; what was replaced since is
 * left alone. Throws what lmdb says, and then nothing has changed.
 */
export function settle(
  databases: Databases,
  lodgers: readonly Lodger[],
  moved: ReadonlyMap<Lodger, Buffer> = nothingMoved,
  nowMs = Date.now(),
): Settled {
  const { entries, order, changes } = databases
  const changed: string[] = []
  let kept = 0
  transactNow(databases, false, () => {
    for (const lodger of lodgers) {
      const { stored, stampMs } = lodger
      if (readStampMs(databases, stored) !== stampMs) continue
      const record = moved.get(lodger)
      const place = orderKey(stampMs, stored)
      const size = order.get(place)
      order.removeSync(place)
      if (record !== undefined && size !== undefined) {
        // As young as the segment that it lies in now.
        order.putSync(orderKey(nowMs, stored), Buffer.from(size))
        entries.putSync(stored, record, nowMs)
        kept += 1
      } else entries.removeSync(stored)
      changed.push(stored)
    }
  })
  for (const stored of changed) changes?.bump(stored)
  return { kept, dropped: changed.length - kept }
}
