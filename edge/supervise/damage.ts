// Damage of the cache index that only shows when it is used: LMDB then ends the process, and so the next one. When the
// workers' deaths look like it, the index is set aside for an empty one. What can be seen beforehand is prepare.ts's.
import { inspectIndex, setAside } from '../cache/inspect.js'
import { EdgeError } from '../error.js'

/** A page that leads nowhere, a file that is too short, an assertion of LMDB. */
const crashSignals: ReadonlySet<NodeJS.Signals | null> = new Set(['SIGSEGV', 'SIGBUS', 'SIGABRT'] as const)

export const crashesMax = 3
export const crashesWithinMs = 60_000

/** The crashes of all workers. */
export class Crashes {
  #atMs: number[] = []

  /** True when this end of a worker is the last of `crashesMax` crashes within `crashesWithinMs`; counts anew then. */
  note(signal: NodeJS.Signals | null, nowMs: number): boolean {
    if (!crashSignals.has(signal)) return false
    this.#atMs = [...this.#atMs.filter(atMs => nowMs - atMs < crashesWithinMs), nowMs]
    if (this.#atMs.length < crashesMax) return false
    this.#atMs = []
    return true
  }
}

/** Whether a worker that could not start may have died of the index. */
export function isOfDamage(error: unknown): boolean {
  if (!(error instanceof EdgeError)) return false
  if (error.code === 'start-failed') return /\bMDB_[A-Z]/.test(error.message)
  return error.code === 'worker-died' && [...crashSignals].some(signal => error.message.endsWith(`${signal}`))
}

/**
 * Runs `start`, and once more with an empty cache when the workers die of what is in it; resolves with a line to warn
 * with then. Rejects as `start` does. Nobody may have the index open.
 */
export async function startSound(directory: string, start: () => Promise<void>): Promise<string | undefined> {
  try {
    await start()
    return undefined
  } catch (error) {
    if (!isOfDamage(error) || inspectIndex(directory).state === 'absent') throw error
    const warning = abandonIndex(directory, (error as EdgeError).message)
    await start()
    return warning
  }
}

/** Sets the index aside; returns what to say about it. */
export function abandonIndex(directory: string, reason: string): string {
  if (inspectIndex(directory).state === 'absent') return `starting with an empty cache: ${reason}`
  return `the cache index seems damaged (${reason}): moved to ${setAside(directory)}, starting with an empty cache`
}
