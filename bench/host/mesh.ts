// `mesh`: how long it takes to wake another worker and be woken by it, with both idle and with both busy.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joinGround } from '../../edge/shared/join.js'
import { measureWakeUps } from '../../edge/shared/latency.js'
import { Problem } from '../problem.js'
import type { Measurement } from './measurement.js'

const SLOTS = 64
const WAKE_UPS = 2_000
/** How much of its time a busy process works, in pieces of a millisecond. */
const BUSY_SHARE = 0.5

export const mesh: Measurement = {
  name: 'mesh',
  summary: 'waking another worker and being woken by it, microseconds there and back',
  async run(_, { rounds }) {
    const samples = []
    for (const how of ['idle', 'busy'] as const) samples.push({ how, ...(await wakeUps(how, rounds)) })
    return {
      lines: samples.map(({ how, medianUs, p99Us }) => {
        return `both ${how}: ${medianUs.toFixed(0)} us, 99 of 100 within ${p99Us.toFixed(0)} us`
      }),
      isKept: true,
      samples,
    }
  },
}

async function wakeUps(how: 'idle' | 'busy', rounds: number) {
  const runDirectory = await mkdtemp(join(tmpdir(), 'naij-mesh-'))
  const other = fork(fileURLToPath(import.meta.url), [runDirectory, how])
  const stop = how === 'busy' ? work() : undefined
  try {
    const [owner] = await once(other, 'message')
    const standing = await standOn(runDirectory)
    try {
      const found = await measureWakeUps(standing.mesh, Number(owner), WAKE_UPS * rounds)
      if (found === undefined) throw new Problem('mesh: the other worker did not answer', 1)
      return found
    } finally {
      await standing.leave()
    }
  } finally {
    stop?.()
    other.kill()
    await rm(runDirectory, { recursive: true, force: true })
  }
}

function standOn(runDirectory: string) {
  const nothing = (): void => {}
  const onTrouble = (error: Error): never => {
    throw error
  }
  return joinGround({ runDirectory, slots: SLOTS, onFrame: nothing, onGone: nothing, onTrouble })
}

/** Keeps this process busy until it is called. */
function work(): () => void {
  const timer = setInterval(() => {
    const endMs = performance.now() + 2 * BUSY_SHARE
    while (performance.now() < endMs);
  }, 2)
  return () => clearInterval(timer)
}

/** The other worker is this file, run as a program. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runDirectory = '', how] = process.argv.slice(2)
  const { ground } = await standOn(runDirectory)
  if (how === 'busy') work()
  process.send?.(ground.owner)
}
