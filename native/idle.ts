// Work that is done when nobody else wants the core (SCHED_IDLE): a thread of it is left at once for any other, which the
// lowest of the ordinary priorities is not.
import { loaded } from './addon.js'

/**
 * Of the calling thread, and of those that it begins from then on. False without the addon, or where the system forbids it:
 * then it goes on as before.
 */
export function runWhenIdle(): boolean {
  if (loaded.addon === undefined) return false
  try {
    loaded.addon.runWhenIdle()
    return true
  } catch {
    // A container may forbid it; the work is done all the same.
    return false
  }
}
