// `stampede`: a hot object that expires every second, under load: what its origin is asked, and who waits for it. Once for
// an object that may be served stale while it is asked for anew, once for one that may not.
import { quantile } from '../statistics.js'
import type { Context, Measurement } from './measurement.js'
import { onStage, type StagePeer } from './stage.js'
import { steadyHits } from './steady-hits.js'
import { startTimedOrigin, type TimedOrigin } from './timed-origin.js'

const DELAY_MS = 200
/** Of asking: one at the start, and one for a second that has begun. */
const SLACK = 2
const MODES = { 'may be stale': 'max-age=1, stale-while-revalidate=60', 'must wait': 'max-age=1' } as const
type Mode = keyof typeof MODES

export interface Sample {
  peer: string
  mode: Mode
  seconds: number
  originRequests: number
  hits: number
  failures: number
  p99Ms: number
  longestMs: number
}

export const stampede: Measurement = {
  name: 'stampede',
  summary: `a hot object that expires every second, under 1,000 requests a second; its origin takes ${DELAY_MS} ms`,
  hasPeers: true,
  async run(context) {
    const samples: Sample[] = []
    for (const mode of Object.keys(MODES) as Mode[]) samples.push(...(await samplesOf(mode, context)))
    const own = samples.filter(({ peer }) => peer === context.kinds[0]!.name)
    return {
      lines: samples.map(describe),
      isKept: own.every(isKept),
      faults: own
        .filter(({ failures }) => failures > 0)
        .map(({ mode, failures }) => `stampede, ${mode}: ${failures} requests failed`),
      samples,
    }
  },
}

async function samplesOf(mode: Mode, context: Context): Promise<Sample[]> {
  const origin = await startTimedOrigin(MODES[mode], DELAY_MS)
  try {
    return await onStage(
      `stampede-${MODES[mode].length}`,
      { ...context, originUrl: origin.url },
      async stage => {
        const all: Sample[] = []
        for (const peer of stage.peers) all.push(await sampleOf(peer, mode, origin, context.scale.seconds))
        return all
      },
    )
  } finally {
    await origin.leave()
  }
}

async function sampleOf(peer: StagePeer, mode: Mode, origin: TimedOrigin, seconds: number): Promise<Sample> {
  await peer.untilHit('/hot')
  // Code that runs for the first time is slower.
  await steadyHits(peer.port, '/hot', seconds)
  const before = origin.asked()
  const { taken, failures } = await steadyHits(peer.port, '/hot', seconds)
  return {
    peer: peer.name,
    ...{ mode, seconds, failures },
    originRequests: origin.asked() - before,
    hits: taken.length,
    p99Ms: quantile(taken, 0.99),
    longestMs: quantile(taken, 1),
  }
}

/** One fetch for each time that it expires; and where it may be stale nobody waits for that. */
export function isKept({ mode, seconds, originRequests, longestMs }: Sample): boolean {
  return originRequests <= seconds + SLACK && (mode === 'must wait' || longestMs < DELAY_MS)
}

export function describe({ peer, mode, seconds, originRequests, p99Ms, longestMs }: Sample): string {
  const wait = mode === 'may be stale' ? ` (< ${DELAY_MS})` : ''
  return [
    `${peer}, ${mode}: origin asked ${originRequests} times in ${seconds} s (<= ${seconds + SLACK})`,
    `p99 ${p99Ms.toFixed(1)} ms, longest ${longestMs.toFixed(0)} ms${wait}`,
  ].join('; ')
}
