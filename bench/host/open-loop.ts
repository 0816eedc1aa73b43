// `open-loop`: what hits take at fixed rates, parts of the highest that nginx reaches here, each server with one worker on a
// core of its own and the clients on another.
import { join } from 'node:path'
import { wrkLoad } from '../load.js'
import { allowedCores, type Placement, placeOn } from '../machine.js'
import { startOrigin } from '../origin/start.js'
import type { Peer } from '../peers/peer.js'
import type { Curve } from '../plots.js'
import { startReady } from '../ready.js'
import { siblingCommand } from '../sibling.js'
import { median, pairedRatios } from '../statistics.js'
import { findProgram, requireProgram, WRK } from '../tools.js'
import type { Context, Measurement } from './measurement.js'
import type { Latencies, OpenLoop } from './open-loop-client.js'

const TARGET = '/hit/1024'
const CONNECTIONS = 64
const PARTS = [0.25, 0.5, 0.75]
/** Whose highest rate is the measure; the edge's own without it. */
const MEASURE = 'nginx'
const PEAK_SECONDS = 3
const WARM_UP_SECONDS = 1
const READY_TIMEOUT_MS = 120_000
/** Of the edge's p99 to theirs, at half of the rate. */
const RATIOS_MAX: Readonly<Record<string, number>> = { nginx: 1.2, haproxy: 1.5, varnish: 1.2 }
const JUDGED_PART = 0.5
const P99 = 0.99

export interface Sample {
  peer: string
  part: number
  requestsPerSecond: number
  latencies: Latencies
}

export const openLoop: Measurement = {
  name: 'open-loop',
  summary: `latency of hits at ${PARTS.map(part => `${part * 100}%`).join(', ')} of the highest rate of ${MEASURE}, coordinated omission corrected`,
  hasPeers: true,
  async run(context) {
    const placement = placeOn(findProgram('taskset') === undefined ? [] : allowedCores())
    const origin = await startOrigin(context.processes, placement.origin)
    const peers = context.kinds.map((kind, at) =>
      kind.create({
        name: kind.name,
        directory: join(context.directory, `open-loop-${at}`),
        ...{ originUrl: origin.url, processes: context.processes, core: placement.server },
      }),
    )
    try {
      for (const peer of peers) await peer.start()
      return outcomeOf(peers[0]!.name, await samplesOf(peers, context, placement))
    } finally {
      await Promise.all(peers.map(peer => peer.stop()))
      await context.processes.stop(origin.running)
    }
  },
}

async function samplesOf(peers: readonly Peer[], context: Context, placement: Placement): Promise<Sample[]> {
  const { rounds, seconds } = context.scale
  const peak = await peakOf(peers.find(({ name }) => name === MEASURE) ?? peers[0]!, context, placement)
  for (const peer of peers) await ask(peer, { requestsPerSecond: peak / 4, seconds: 1 }, context, placement)
  const samples: Sample[] = []
  for (const part of PARTS) {
    const requestsPerSecond = Math.round(peak * part)
    for (let round = 0; round < rounds; round++) {
      for (const peer of round % 2 === 0 ? peers : [...peers].reverse()) {
        const latencies = await ask(peer, { requestsPerSecond, seconds }, context, placement)
        samples.push({ peer: peer.name, part, requestsPerSecond, latencies })
      }
    }
  }
  return samples
}

async function peakOf(peer: Peer, { processes }: Context, { load }: Placement): Promise<number> {
  const wrk = wrkLoad(processes, requireProgram(WRK), load)
  const options = { url: peer.url + TARGET, connections: CONNECTIONS, seconds: PEAK_SECONDS }
  // Once to warm up.
  await wrk({ ...options, seconds: 1 })
  return (await wrk(options)).requestsPerSecond
}

async function ask(
  peer: Peer,
  rate: Pick<OpenLoop, 'requestsPerSecond' | 'seconds'>,
  { processes }: Context,
  { load }: Placement,
): Promise<Latencies> {
  const loop: OpenLoop = {
    ...rate,
    port: Number(new URL(peer.url).port),
    target: TARGET,
    connections: CONNECTIONS,
    warmUpSeconds: WARM_UP_SECONDS,
  }
  const command = [...siblingCommand(import.meta.url, 'open-loop-main'), JSON.stringify(loop)]
  const options = { core: load, ready: /^\{.*\}$/, timeoutMs: READY_TIMEOUT_MS }
  const { running, match } = await startReady(processes, 'open-loop', command, options)
  await running.exited
  return JSON.parse(match[0]) as Latencies
}

/** `own`: whom the others are compared with. */
export function outcomeOf(own: string, samples: readonly Sample[]) {
  const names = [...new Set(samples.map(({ peer }) => peer))]
  const of = (peer: string, part: number) =>
    samples.filter(sample => sample.peer === peer && sample.part === part)
  const lines = PARTS.flatMap(part => names.map(peer => describe(of(peer, part), of(own, part))))
  const bounds = Object.entries(RATIOS_MAX).filter(([peer]) => peer !== own && names.includes(peer))
  const isKept = bounds.every(([peer, most]) => ratioOf(of(own, JUDGED_PART), of(peer, JUDGED_PART)) <= most)
  return {
    lines,
    isKept: bounds.length === 0 ? undefined : isKept,
    faults: samples
      .filter(({ latencies }) => latencies.failures > 0)
      .map(
        ({ peer, part, latencies }) => `open-loop, ${peer} at ${part * 100}%: ${latencies.failures} failures`,
      ),
    samples,
    histograms: PARTS.map(
      (part): Curve => ({
        title: `at ${part * 100}%: ${of(own, part)[0]!.requestsPerSecond} requests a second`,
        series: names.map(name => ({ name, points: pointsOf(of(name, part)) })),
      }),
    ),
  }
}

/** Of the rounds, the median of each percentile. */
function pointsOf(rounds: readonly Sample[]): [number, number][] {
  const parts = rounds[0]!.latencies.points.map(([part]) => part)
  return parts.map((part, at) => [part, median(rounds.map(({ latencies }) => latencies.points[at]![1]))])
}

function ratioOf(own: readonly Sample[], others: readonly Sample[]): number {
  const p99 = (rounds: readonly Sample[]) => rounds.map(({ latencies }) => at(latencies.points, P99))
  return median(pairedRatios(p99(own), p99(others)))
}

function at(points: readonly (readonly [number, number])[], wanted: number): number {
  return points.find(([part]) => part === wanted)![1]
}

function describe(rounds: readonly Sample[], own: readonly Sample[]): string {
  const [{ peer, part, requestsPerSecond }] = rounds as [Sample]
  const points = pointsOf(rounds)
  const words = [0.5, P99, 0.999, 1].map(wanted => {
    const name = wanted === 1 ? 'longest' : `p${+(wanted * 100).toFixed(1)}`
    return `${name} ${at(points, wanted).toFixed(2)}`
  })
  const lag = median(rounds.map(({ latencies }) => latencies.lagMs))
  const most = part === JUDGED_PART ? RATIOS_MAX[peer] : undefined
  const bound = most === undefined ? '' : ` (<= ${most})`
  const ratio =
    peer === own[0]!.peer ? '' : `; the first one's p99 is ${ratioOf(own, rounds).toFixed(2)} of it${bound}`
  const rate = `${part * 100}%, ${requestsPerSecond} a second`
  return `${rate}, ${peer}: ${words.join(', ')} ms, of it the client's own p99 ${lag.toFixed(2)}${ratio}`
}
