// `restart`: how long an edge with a large cache takes from its start to the first answer out of it, beside one with a small
// cache.

import { median } from '../statistics.js'
import { startFilled } from './filled-edge.js'
import { filledTarget } from './filled-index.js'
import type { Measurement } from './measurement.js'

const SMALL_ENTRIES = 10_000
const RATIO_MAX = 1.1
const FIRST_HIT_MS_MAX = 1_000

export const restart: Measurement = {
  name: 'restart',
  summary: `the first hit after a start, with a full cache and with ${SMALL_ENTRIES} entries`,
  hasPeers: false,
  async run(context) {
    const { entries, rounds } = context.scale
    const samples: { entries: number; startMs: number }[] = []
    for (let round = 0; round < rounds; round++) {
      for (const count of [SMALL_ENTRIES, entries]) {
        const name = `restart-${round}-${count}`
        const edge = await startFilled(context, name, { entries: count, kept: 1 }, filledTarget(0, true))
        samples.push({ entries: count, startMs: edge.startMs })
        await edge.stop()
      }
    }
    const of = (count: number) =>
      median(samples.filter(sample => sample.entries === count).map(({ startMs }) => startMs))
    const [small, large] = [of(SMALL_ENTRIES), of(entries)]
    const line = (count: number, ms: number) => `${count} entries: first hit after ${ms.toFixed(0)} ms`
    return {
      lines: [
        line(SMALL_ENTRIES, small),
        `${line(entries, large)} (<= ${FIRST_HIT_MS_MAX}), ratio ${(large / small).toFixed(2)} (<= ${RATIO_MAX})`,
      ],
      isKept: large / small <= RATIO_MAX && large <= FIRST_HIT_MS_MAX,
      faults: [],
      samples,
    }
  },
}
