// Two processes on one shared ground, for `mesh`: how to stand on it, and how to be busy.
import { joinGround, type Standing } from '../../edge/shared/join.js'

const SLOTS = 64
/** A busy process works this long of every so many milliseconds: about as long as a worker on a burst of hits. */
const WORK_MS = 1
const PERIOD_MS = 2

export function standOn(runDirectory: string): Promise<Standing> {
  const nothing = (): void => {}
  const onTrouble = (error: Error): never => {
    throw error
  }
  return joinGround({ runDirectory, slots: SLOTS, onFrame: nothing, onGone: nothing, onTrouble })
}

/** Keeps this process busy half of the time, until what it gives is called. */
export function work(): () => void {
  const timer = setInterval(() => {
    const endMs = performance.now() + WORK_MS
    while (performance.now() < endMs);
  }, PERIOD_MS)
  return () => clearInterval(timer)
}
