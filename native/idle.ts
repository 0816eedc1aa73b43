// Work that is done when nobody else wants the core (SCHED_IDLE): a thread of it is left at once for any other, which the
// lowest of the ordinary priorities is not.
import { loaded } from './addon.js'

/**
 * Of a thread of this process, by its number in /proc/self/task, or of the calling one, and of those that it begins from then
 * on. False without the addon, where the system forbids it, or when there is no such thread: then it goes on as before.
 */
export function runWhenIdle(thread = 0): boolean {
  if (loaded.addon === undefined) return false
  try {
    loaded.addon.runWhenIdle(thread)
    return true
  } catch {
    // A container may forbid it, or it has ended; the work is done all the same.
    return false
  }
}
