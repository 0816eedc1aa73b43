// How long it takes to wake another worker and be woken by it, for whoever wants to show it.
import type { Mesh } from './mesh.js'

/** Microseconds there and back. */
export interface WakeUps {
  rounds: number
  medianUs: number
  p99Us: number
  maxUs: number
}

/** One after the other; undefined when the worker did not answer each of them. */
export async function measureWakeUps(
  mesh: Mesh,
  owner: number,
  rounds: number,
): Promise<WakeUps | undefined> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const us = await mesh.ping(owner)
    if (us === undefined) return undefined
    times.push(us)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(share * (times.length - 1))]
  return { rounds, medianUs: at(0.5), p99Us: at(0.99), maxUs: at(1) }
}
