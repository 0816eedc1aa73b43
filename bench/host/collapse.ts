// `collapse`: a herd over two workers on an object that is not in the cache, against the same herd on a hit.
import { plainBytes } from '../origin/serve.js'
import { median, pairedRatios } from '../statistics.js'
import { type Herd, herd } from './herd.js'
import type { Measurement } from './measurement.js'
import { onStage, type Stage, type StagePeer } from './stage.js'

const BODY_BYTES = 1_048_576
const RATIO_MAX = 3

interface Sample {
  peer: string
  miss: Herd
  hit: Herd
  /** Requests that reached the origin for this object, those during the hits included. */
  originRequests: number
}

export const collapse: Measurement = {
  name: 'collapse',
  summary: 'one absent 1 MB object asked for by all clients at once over two workers, against a hit on it',
  hasPeers: true,
  async run(context) {
    const { clients, rounds } = context.scale
    const samples = await onStage('collapse', context, async stage => {
      const body = plainBytes(BODY_BYTES)
      const all: Sample[] = []
      // Round 0 warms up: code that runs for the first time is slower, and the miss comes first.
      for (let round = 0; round <= rounds; round++) {
        const order = round % 2 === 0 ? stage.peers : [...stage.peers].reverse()
        for (const peer of order) {
          const sample = await sampleOf(stage, peer, { round, clients, body })
          if (round > 0) all.push(sample)
        }
      }
      return all
    })
    const sums = context.kinds.map(({ name }) => sumUp(samples.filter(sample => sample.peer === name)))
    const [edge] = sums
    return {
      lines: context.kinds.map(({ name }, i) => `${name}: ${describe(sums[i]!)}`),
      isKept: edge!.originRequestsMax === 1 && edge!.ratio <= RATIO_MAX,
      faults: [],
      samples,
    }
  },
}

interface Round {
  round: number
  clients: number
  body: Buffer
}

async function sampleOf(stage: Stage, peer: StagePeer, { round, clients, body }: Round): Promise<Sample> {
  const target = `/object/${BODY_BYTES}/0/${peer.name}_${round}`.replaceAll('@', '_')
  const options = { port: peer.port, target, clients, body }
  const miss = await herd(options)
  await peer.untilHit(target)
  const hit = await herd(options)
  return { peer: peer.name, miss, hit, originRequests: (await stage.asked(target)).begun }
}

interface Sum {
  originRequestsMax: number
  /** Medians. */
  missMs: number
  hitMs: number
  ratio: number
}

/** The ratio is of each round's own two herds, so that a slow minute hits both. */
export function sumUp(samples: readonly Pick<Sample, 'miss' | 'hit' | 'originRequests'>[]): Sum {
  const [miss, hit] = [
    samples.map(sample => sample.miss.firstLastMs),
    samples.map(sample => sample.hit.firstLastMs),
  ]
  return {
    originRequestsMax: Math.max(...samples.map(sample => sample.originRequests)),
    missMs: median(miss),
    hitMs: median(hit),
    ratio: median(pairedRatios(miss, hit)),
  }
}

function describe({ originRequestsMax, missMs, hitMs, ratio }: Sum): string {
  return [
    `origin asked ${originRequestsMax} times at most (1)`,
    `last first byte ${missMs.toFixed(0)} ms, of a hit ${hitMs.toFixed(0)} ms`,
    `ratio ${ratio.toFixed(2)} (<= ${RATIO_MAX})`,
  ].join('; ')
}
