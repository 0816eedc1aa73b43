// The keeper's place among the workers of its host: it leads and follows nothing, but is there when all of them die at
// once, and then frees what they led. The tending is that of every member (shared/join.ts).
import { FillLogs } from '../fetch/fill-log.js'
import { fillSlots, joinGround } from '../shared/join.js'
import type { FillsView } from './messages.js'

export interface FillsOptions {
  runDirectory: string
  /** Something in the background failed and is tried again. */
  onTrouble(error: Error): void
}

export interface FillsKeeping {
  view(): FillsView
  /** Nothing may be called afterwards. */
  leave(): Promise<void>
}

/** Rejects with an EdgeError (`ground...`, `mesh...`), and then leaves nothing behind. */
export async function keepFills({ runDirectory, onTrouble }: FillsOptions): Promise<FillsKeeping> {
  let logs: FillLogs | undefined
  const { ground, leave } = await joinGround({
    runDirectory,
    slots: fillSlots,
    onFrame: () => {},
    onGone: owner => void logs?.removeOf(owner).catch(onTrouble),
    onTrouble,
  })
  logs = new FillLogs(runDirectory, ground.group)
  return {
    view: () => ({ slots: ground.fills.census(), counts: ground.counters.sums() }),
    leave,
  }
}
