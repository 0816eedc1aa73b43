// Who keeps a cache: one process of the machine, whoever holds the lock in the cache directory. The kernel takes it back
// from one that dies, however it dies. What is then done is keep.ts's.
import { join } from 'node:path'
import { type Lock, lock } from '../../native/index.js'

/** How often one that waits tries again: a dead keeper of another edge is followed this soon. */
const tryEveryMs = 200

export function keeperLock(cacheDirectory: string): string {
  return join(cacheDirectory, 'keeper.lock')
}

export interface TurnOptions {
  cacheDirectory: string
  /** Another has it: called once, when that is seen. */
  onWait(): void
  /** Ends the waiting. */
  signal: AbortSignal
}

/** Resolves with the lock when it is ours, or with undefined when `signal` came before. Rejects as opening does. */
export async function takeTurn({ cacheDirectory, onWait, signal }: TurnOptions): Promise<Lock | undefined> {
  const path = keeperLock(cacheDirectory)
  for (let tries = 0; !signal.aborted; tries++) {
    const held = lock(path, 'exclusive')
    if (held !== undefined) return held
    if (tries === 0) onWait()
    await pause(tryEveryMs, signal)
  }
  return undefined
}

/** Ends early when `signal` comes. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
