// `stale`: hits on an object that has expired while its origin is gone, which it may be served for (RFC 5861 4).
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { quantile } from '../statistics.js'
import type { Context, Measurement } from './measurement.js'
import { onStage, type StagePeer } from './stage.js'
import { type Hits, steadyHits } from './steady-hits.js'
import { startTimedOrigin } from './timed-origin.js'

const CACHE_CONTROL = 'max-age=1, stale-if-error=600'
const EXPIRED_MS = 1_500
const SLOWER_MAX = 2

export interface Sample {
  peer: string
  p99BeforeMs: number
  p99DuringMs: number
  answers: number
  failuresBefore: number
  failures: number
}

export const stale: Measurement = {
  name: 'stale',
  summary: 'hits on an expired object whose origin is gone, 1,000 a second',
  hasPeers: true,
  async run(context) {
    const samples: Sample[] = []
    // Each with an origin of its own, as that leaves.
    for (const kind of context.kinds) samples.push(...(await samplesOf({ ...context, kinds: [kind] })))
    const [own] = samples
    return {
      lines: samples.map(describe),
      isKept: isKept(own!),
      faults: samples
        .filter(({ failuresBefore }) => failuresBefore > 0)
        .map(
          ({ peer, failuresBefore }) =>
            `stale: ${failuresBefore} hits of ${peer} failed with the origin there`,
        ),
      samples,
    }
  },
}

async function samplesOf(context: Context): Promise<Sample[]> {
  const origin = await startTimedOrigin(CACHE_CONTROL, 0)
  const stageName = `stale-${context.kinds[0]!.name.replaceAll(/\W/g, '_')}`
  return await onStage(stageName, { ...context, originUrl: origin.url }, async ({ peers }) => {
    const [peer] = peers as [StagePeer]
    await peer.untilHit('/hot')
    // Code that runs for the first time is slower.
    await steadyHits(peer.port, '/hot', context.scale.seconds)
    const before = await steadyHits(peer.port, '/hot', context.scale.seconds)
    await origin.leave()
    await setTimeoutPromise(EXPIRED_MS)
    // And so is that for what is stale.
    const first = await steadyHits(peer.port, '/hot', context.scale.seconds)
    const during = await steadyHits(peer.port, '/hot', context.scale.seconds)
    return [sampleOf(peer.name, before, { ...during, failures: during.failures + first.failures })]
  })
}

function sampleOf(peer: string, before: Hits, during: Hits): Sample {
  return {
    peer,
    p99BeforeMs: quantile(before.taken, 0.99),
    p99DuringMs: during.taken.length === 0 ? Number.POSITIVE_INFINITY : quantile(during.taken, 0.99),
    answers: during.taken.length,
    failuresBefore: before.failures,
    failures: during.failures,
  }
}

export function isKept({ p99BeforeMs, p99DuringMs, failures }: Sample): boolean {
  return failures === 0 && p99DuringMs <= SLOWER_MAX * p99BeforeMs
}

export function describe({ peer, p99BeforeMs, p99DuringMs, answers, failures }: Sample): string {
  const times = `p99 ${p99BeforeMs.toFixed(2)} ms before, ${p99DuringMs.toFixed(2)} ms without (<= ${SLOWER_MAX} times)`
  return `${peer}: ${failures} of ${answers + failures} failed without the origin (0); ${times}`
}
