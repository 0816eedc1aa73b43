// A log for what fails again and again while a disk is full or broken: each message at most once per interval.
import type { StoreLog } from '../commit.js'

/** The same log, but after a message that message is not said again for `everyMs`. Messages are constant texts. */
export function seldom(
  log: StoreLog,
  everyMs: number,
  now: () => number = () => performance.now(),
): StoreLog {
  const saidAtMs = new Map<string, number>()
  return (level, message, details) => {
    const nowMs = now()
    if (nowMs - (saidAtMs.get(message) ?? Number.NEGATIVE_INFINITY) < everyMs) return
    saidAtMs.set(message, nowMs)
    log(level, message, details)
  }
}
