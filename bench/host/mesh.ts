// `mesh`: how long it takes to wake another worker and be woken by it, with both idle and with both busy.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureWakeUps, type WakeUps } from '../../edge/shared/latency.js'
import { Problem } from '../problem.js'
import { describeExit, type Processes, type Running } from '../processes.js'
import { startReady } from '../ready.js'
import { siblingCommand } from '../sibling.js'
import { median } from '../statistics.js'
import { standOn, work } from './ground.js'
import type { Measurement, Scale } from './measurement.js'

const READY_TIMEOUT_MS = 60_000

type Load = 'idle' | 'busy'

export interface Sample extends WakeUps {
  load: Load
}

export const mesh: Measurement = {
  name: 'mesh',
  summary: 'waking another worker and being woken by it, microseconds there and back',
  hasPeers: false,
  async run({ processes, directory, scale }) {
    // A socket's path may be no longer than 107 bytes.
    const runDirectory = join(directory, 'mesh')
    await mkdir(runDirectory)
    const neighbour = await startNeighbour(processes, runDirectory)
    try {
      const samples = await sampleAll(runDirectory, neighbour, scale)
      const lines = [lineOf('idle', samples), lineOf('busy', samples)]
      return { lines, isKept: undefined, faults: [], samples }
    } finally {
      await processes.stop(neighbour.running)
    }
  },
}

interface Neighbour {
  running: Running
  owner: number
  /** Resolves when it has become busy. */
  makeBusy(): Promise<void>
}

async function startNeighbour(processes: Processes, runDirectory: string): Promise<Neighbour> {
  let isBusy: () => void = () => {}
  const busy = new Promise<void>(resolve => {
    isBusy = resolve
  })
  const { running, match } = await startReady(
    processes,
    'neighbour',
    [...siblingCommand(import.meta.url, 'neighbour'), runDirectory],
    {
      ready: /^neighbour ready (\d+)$/,
      timeoutMs: READY_TIMEOUT_MS,
      onLine: line => line === 'neighbour busy' && isBusy(),
    },
  )
  const gone = running.exited.then(exit => {
    throw new Problem(describeExit(running, exit), 1)
  })
  gone.catch(() => {
    // Expected at the end; whoever waits for `busy` hears of it.
  })
  return {
    running,
    owner: Number(match[1]),
    makeBusy: () => {
      running.child.kill('SIGUSR2')
      return Promise.race([busy, gone])
    },
  }
}

async function sampleAll(runDirectory: string, neighbour: Neighbour, scale: Scale): Promise<Sample[]> {
  const { mesh, leave } = await standOn(runDirectory)
  let rest: () => void = () => {}
  try {
    const samples: Sample[] = []
    for (const load of ['idle', 'busy'] as const) {
      if (load === 'busy') {
        await neighbour.makeBusy()
        rest = work()
      }
      for (let round = 0; round < scale.rounds; round++) {
        const found = await measureWakeUps(mesh, neighbour.owner, scale.wakeUps)
        if (found === undefined) throw new Problem('mesh: the other worker did not answer', 1)
        samples.push({ load, ...found })
      }
    }
    return samples
  } finally {
    rest()
    await leave()
  }
}

/** Medians over the rounds. */
function lineOf(load: Load, samples: readonly Sample[]): string {
  const rounds = samples.filter(sample => sample.load === load)
  const p50 = median(rounds.map(({ medianUs }) => medianUs))
  const p99 = median(rounds.map(({ p99Us }) => p99Us))
  return `both ${load}: p50 ${p50.toFixed(0)} us, p99 ${p99.toFixed(0)} us`
}
