// How late a worker's event loop comes to its timers, as a histogram: what a client waits for before its bytes are even
// looked at.

/** Upper bounds of the classes, milliseconds; what is later counts in one more. */
export const lagBoundsMs = [1, 2, 5, 10, 25, 50, 100, 250, 1000] as const

export interface LoopLag {
  /** Looks by how late they were: one for each bound, and one beyond. */
  counts: number[]
  /** Of all looks, milliseconds. */
  sumMs: number
}

export function noLoopLag(): LoopLag {
  return { counts: new Array(lagBoundsMs.length + 1).fill(0), sumMs: 0 }
}

/** Counts one look, in place. A look that comes before its time is none too late. */
export function addLag(lag: LoopLag, lateMs: number): void {
  const late = Math.max(lateMs, 0)
  const index = lagBoundsMs.findIndex(bound => late <= bound)
  lag.counts[index < 0 ? lagBoundsMs.length : index]! += 1
  lag.sumMs += late
}

/** Adds `one` to `sum`, in place. */
export function addLags(sum: LoopLag, one: LoopLag): void {
  for (const [index, count] of one.counts.entries()) sum.counts[index] = (sum.counts[index] ?? 0) + count
  sum.sumMs += one.sumMs
}
