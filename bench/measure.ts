// One round for one peer: CPU time before, load, CPU time after.
import { readTicks } from './cpu.js'
import type { Latency, Load, LoadOptions } from './load.js'
import type { Peer } from './peers/peer.js'

export interface Sample {
  requests: number
  requestsPerSecond: number
  /** User + system time of all processes of the peer, divided by the requests answered. */
  cpuMicrosecondsPerRequest: number
  /** Of it, what was spent in the kernel. */
  systemMicrosecondsPerRequest: number
  latency?: Latency | undefined
  /** Socket errors and answers that are neither 2xx nor 3xx: a sample with any is not to be trusted. */
  failures: number
  /** Whether a process of the peer came or went meanwhile: its start or its death is then part of the sum. */
  processesChanged: boolean
}

/** Puts the load on the peer and gives the sample; `ticksPerSecond` is the unit of /proc. */
export async function measure(
  peer: Pick<Peer, 'pids'>,
  load: Load,
  options: LoadOptions,
  ticksPerSecond: number,
): Promise<Sample> {
  const pids = peer.pids()
  const before = readTicks(pids)
  const result = await load(options)
  const pidsAfter = peer.pids()
  const after = readTicks(pidsAfter)
  const perRequest = (ticks: number) => ((ticks / ticksPerSecond) * 1e6) / result.requests
  const system = after.system - before.system
  return {
    requests: result.requests,
    requestsPerSecond: result.requestsPerSecond,
    cpuMicrosecondsPerRequest: perRequest(after.user - before.user + system),
    systemMicrosecondsPerRequest: perRequest(system),
    latency: result.latency,
    failures: result.socketErrors + result.badAnswers,
    processesChanged: pidsAfter.join() !== pids.join(),
  }
}
