// How long a slot stays empty after its worker died: a pure rule, applied by slot.ts.

/** A worker that lived this long died of something new: its successor starts at once. */
export const steadyMs = 10_000
export const firstDelayMs = 100

/**
 * Milliseconds until the successor starts. `lastDelayMs` is what this gave for the worker that just died, undefined
 * for the first of its slot. The first death is answered at once, deaths within `steadyMs` of the start after
 * pauses that double from `firstDelayMs` to `delayMaxMs`.
 */
export function nextDelayMs(lastDelayMs: number | undefined, livedMs: number, delayMaxMs: number): number {
  if (lastDelayMs === undefined || livedMs >= steadyMs) return 0
  return Math.min(Math.max(firstDelayMs, lastDelayMs * 2), delayMaxMs)
}
