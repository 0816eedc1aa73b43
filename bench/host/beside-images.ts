// What plain hits feel while the optimiser has more to do than it can: calm and busy seconds in turn, as what else happens on
// the machine, or under it, moves the slowest of a hundred more than the optimiser does.
import { Worker } from 'node:worker_threads'
import { median, quantile } from '../statistics.js'
import type { ImageClients } from './image-clients.js'
import { type Hits, steadyHits } from './steady-hits.js'

/** Who wait for a form at each moment. */
const CLIENTS = 8
/** Of one half of a pair. */
const SLICE_SECONDS_MAX = 2
/** No pair asks for a width that one before it may have asked for. */
const WIDTHS_PER_PAIR = 100

export interface BesideImages {
  /** Medians over the pairs. */
  p99BeforeMs: number
  p99DuringMs: number
  /** Median of the paired ratios. */
  ratio: number
  /** Forms that came in the busy seconds. */
  perSecond: number
  failures: number
  /** Else the client's own waits for a core are part of the times. */
  isFirst: boolean
}

export interface Beside {
  port: number
  /** What is asked for, a hit. */
  target: string
  photographs: number
  width: number
  /** Calm ones, and as many busy ones. */
  seconds: number
}

export async function hitsBesideImages({
  port,
  target,
  photographs,
  width,
  seconds,
}: Beside): Promise<BesideImages> {
  const sliceSeconds = Math.min(seconds, SLICE_SECONDS_MAX)
  const pairs: { calm: Hits; during: Hits; done: number }[] = []
  for (let pair = 0; pair < Math.max(1, Math.floor(seconds / sliceSeconds)); pair += 1) {
    const calm = await steadyHits(port, target, sliceSeconds)
    const busy = await keepBusy({
      port,
      clients: CLIENTS,
      photographs,
      width: width - pair * WIDTHS_PER_PAIR,
    })
    const during = await steadyHits(port, target, sliceSeconds)
    pairs.push({ calm, during, done: await busy.stop() })
  }
  const before = pairs.map(({ calm }) => quantile(calm.taken, 0.99))
  const beside = pairs.map(({ during }) => quantile(during.taken, 0.99))
  return {
    p99BeforeMs: median(before),
    p99DuringMs: median(beside),
    ratio: median(beside.map((p99Ms, at) => p99Ms / before[at]!)),
    perSecond: sum(pairs.map(({ done }) => done)) / (pairs.length * sliceSeconds),
    failures: sum(pairs.map(({ calm, during }) => calm.failures + during.failures)),
    isFirst: pairs.every(({ calm, during }) => calm.isFirst && during.isFirst),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0)
}

/** Resolves when the first form has come: what it takes to start is not the edge's. `stop` resolves with how many came since. */
async function keepBusy(what: ImageClients): Promise<{ stop(): Promise<number> }> {
  const worker = new Worker(new URL('image-clients.js', import.meta.url), { workerData: what })
  const told = () => {
    return new Promise<unknown>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject)
    })
  }
  await told()
  return {
    stop: async () => {
      const came = told()
      worker.postMessage('stop')
      const count = Number(await came)
      await worker.terminate()
      return count
    },
  }
}
