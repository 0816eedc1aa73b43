// `slow-readers`: many clients that read a large object slowly, while it is fetched and when it is stored: what that costs
// a server in memory.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { plainBytes } from '../origin/serve.js'
import { Problem } from '../problem.js'
import { type Client, connectClients } from './client.js'
import { herd } from './herd.js'
import type { Measurement, Scale } from './measurement.js'
import { onStage, type Stage, type StagePeer } from './stage.js'

const BYTES_PER_SECOND = 100_000
const TICK_MS = 100
const GROWTH_MB_MAX = 64
const MB = 1_048_576
/** A fill is made to last longer than the readers are watched: by this factor and at least so long. */
const FILL_LONGER = 1.5
const FILL_LONGER_SECONDS_MIN = 3

export interface Sample {
  peer: string
  mode: 'stored' | 'absent'
  /** The highest of one look a second, over what it was before. */
  growthMb: number
  beforeMb: number
  readMb: number
  originRequests: number
  /** Whether the origin had sent all before the readers were left. */
  isFillOver: boolean
}

export const slowReaders: Measurement = {
  name: 'slow-readers',
  summary: `clients that read a large object at ${BYTES_PER_SECOND / 1000} KB/s: growth of memory and zones`,
  hasPeers: true,
  async run(context) {
    const { scale } = context
    const samples = await onStage('slow-readers', context, async stage => {
      const body = plainBytes(scale.objectBytes)
      const all: Sample[] = []
      for (const peer of stage.peers) {
        // What one answer of that size leaves behind is not the readers'.
        await warm(peer, targetOf(peer, 'first', scale.objectBytes, 0), body)
        for (const mode of ['stored', 'absent'] as const)
          all.push(await sampleOf(stage, peer, mode, { scale, body }))
      }
      return all
    })
    const edge = samples.filter(({ peer }) => peer === context.kinds[0]!.name)
    return {
      lines: samples.map(sample => describe(sample, scale)),
      isKept: edge.every(({ growthMb }) => growthMb < GROWTH_MB_MAX),
      faults: samples.flatMap(sample => faultsOf(sample, scale, context.kinds[0]!.name)),
      samples,
    }
  },
}

function targetOf(peer: StagePeer, name: string, bytes: number, bytesPerSecond: number): string {
  return `/object/${bytes}/${bytesPerSecond}/${peer.name.replaceAll(/\W/g, '_')}_${name}`
}

async function warm(peer: StagePeer, target: string, body: Buffer): Promise<void> {
  await herd({ port: peer.port, target, clients: 2, body })
  await peer.untilHit(target)
}

async function sampleOf(
  stage: Stage,
  peer: StagePeer,
  mode: Sample['mode'],
  { scale, body }: { scale: Scale; body: Buffer },
): Promise<Sample> {
  const fillSeconds = Math.max(scale.seconds * FILL_LONGER, scale.seconds + FILL_LONGER_SECONDS_MIN)
  const bytesPerSecond = mode === 'stored' ? 0 : Math.ceil(body.length / fillSeconds)
  const target = targetOf(peer, mode, body.length, bytesPerSecond)
  if (mode === 'stored') await warm(peer, target, body)
  const beforeMb = peer.memoryBytes() / MB
  const clients = await connectClients(peer.port, scale.readers, body)
  const stop = readSlowly(clients)
  for (const client of clients) client.ask(target)
  const highestMb = await highestOf(() => peer.memoryBytes() / MB, scale.seconds)
  const { begun, ended } = await stage.asked(target)
  stop()
  const broken = clients.filter(({ state }) => state === 'broken').length
  for (const client of clients) client.leave()
  if (broken > 0) {
    throw new Problem(
      `${peer.name}, slow-readers: ${broken} of ${scale.readers} answers broke off or were wrong`,
      1,
    )
  }
  const readMb = clients.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0) / MB
  const growthMb = highestMb - beforeMb
  return { peer: peer.name, mode, growthMb, beforeMb, readMb, originRequests: begun, isFillOver: ended > 0 }
}

/** One timer for all; they begin with nothing. */
function readSlowly(clients: readonly Client[]): () => void {
  const beganMs = performance.now()
  const allow = (): void => {
    const bytes = ((performance.now() - beganMs) / 1_000) * BYTES_PER_SECOND
    for (const client of clients) client.allow(bytes)
  }
  allow()
  const timer = setInterval(allow, TICK_MS)
  return () => clearInterval(timer)
}

async function highestOf(look: () => number, seconds: number): Promise<number> {
  let highest = look()
  for (let second = 0; second < seconds; second++) {
    await setTimeoutPromise(1_000)
    highest = Math.max(highest, look())
  }
  return highest
}

function describe({ peer, mode, growthMb, readMb }: Sample, scale: Scale): string {
  const growth = `${growthMb.toFixed(1)} MB more (< ${GROWTH_MB_MAX})`
  const read = `${readMb.toFixed(0)} of ${wantedMb(scale).toFixed(0)} MB read`
  return `${peer}, ${mode}: ${growth} for ${scale.readers} readers, ${read} in ${scale.seconds} s`
}

function wantedMb({ readers, seconds, objectBytes }: Scale): number {
  return (readers * Math.min(objectBytes, seconds * BYTES_PER_SECOND)) / MB
}

/** A peer may let its readers wait for the end of the fill; that the edge does not is part of what is promised. */
export function faultsOf(sample: Sample, scale: Scale, edge: string): string[] {
  const { peer, mode, readMb, originRequests, isFillOver } = sample
  if (peer !== edge) return []
  const about = `slow-readers, ${peer}, ${mode}:`
  return [
    ...(readMb < wantedMb(scale) / 2
      ? [`${about} the readers got less than half of what they would take`]
      : []),
    ...(originRequests === 1 ? [] : [`${about} the origin was asked ${originRequests} times`]),
    ...(mode === 'absent' && isFillOver ? [`${about} the fill was over before the readers were left`] : []),
  ]
}
