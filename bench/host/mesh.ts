// `mesh`: how long it takes to wake another worker and be woken by it, with both idle and with both busy.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { measureWakeUps, type WakeUps } from '../../edge/shared/latency.js'
import { Problem } from '../problem.js'
import type { Processes } from '../processes.js'
import { startReady } from '../ready.js'
import { siblingCommand } from '../sibling.js'
import { median } from '../statistics.js'
import { standOn, work } from './ground.js'
import type { Measurement } from './measurement.js'

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
    const samples: Sample[] = []
    for (const load of ['idle', 'busy'] as const) {
      for (let round = 0; round < scale.rounds; round++) {
        // A socket's path may be no longer than 107 bytes.
        const runDirectory = join(directory, `m-${load}-${round}`)
        await mkdir(runDirectory)
        samples.push({ load, ...(await wakeUps(processes, runDirectory, load, scale.wakeUps)) })
      }
    }
    const lineOf = (load: Load): string => {
      const rounds = samples.filter(sample => sample.load === load)
      const [p50, p99] = [rounds.map(({ medianUs }) => medianUs), rounds.map(({ p99Us }) => p99Us)].map(
        median,
      )
      return `both ${load}: p50 ${p50!.toFixed(0)} us, p99 ${p99!.toFixed(0)} us`
    }
    return { lines: [lineOf('idle'), lineOf('busy')], isKept: undefined, faults: [], samples }
  },
}

async function wakeUps(
  processes: Processes,
  runDirectory: string,
  load: Load,
  count: number,
): Promise<WakeUps> {
  const command = [...siblingCommand(import.meta.url, 'neighbour'), runDirectory, load]
  const options = { ready: /^neighbour ready (\d+)$/, timeoutMs: READY_TIMEOUT_MS }
  const { running, match } = await startReady(processes, 'neighbour', command, options)
  try {
    const standing = await standOn(runDirectory)
    const rest = load === 'busy' ? work() : undefined
    try {
      const found = await measureWakeUps(standing.mesh, Number(match[1]), count)
      if (found === undefined) throw new Problem('mesh: the other worker did not answer', 1)
      return found
    } finally {
      rest?.()
      await standing.leave()
    }
  } finally {
    await processes.stop(running)
  }
}
