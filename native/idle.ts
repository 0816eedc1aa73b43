// Work that is done when nobody else wants the core (SCHED_IDLE): a thread of it is left at once for any other, which the
// lowest of the ordinary priorities is not. And work that goes on beside others but leaves its core to them when they wake.
import { readdirSync } from 'node:fs'
import { type Addon, loaded } from './addon.js'

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

/**
 * All threads that this process has now, and those that they begin, leave their core to whoever wakes and has used less of it
 * than they have (SCHED_BATCH with the longest turns): also to those of other sessions, whom the policies and niceness alone let
 * wait for milliseconds. What they get over all stays what their niceness says. False where that is not to be had.
 */
export function giveWay(): boolean {
  const { addon } = loaded
  if (addon === undefined) return false
  return readdirSync('/proc/self/task').every(thread => hasGivenWay(addon, Number(thread)))
}

function hasGivenWay(addon: Addon, thread: number): boolean {
  try {
    addon.giveWay(thread)
    return true
  } catch (error) {
    // It has just ended; or else a container forbids it.
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
