// `collapse`: a herd over two workers on an object that is not in the cache, against the same herd on a hit.
import { median } from '../statistics.js'
import { herd, mustBeRight } from './herd.js'
import type { Measurement, Scale } from './measurement.js'
import { noise, startStage } from './stage.js'

const BODY_BYTES = 1_048_576
const RATIO_MAX = 3

export const collapse: Measurement = {
  name: 'collapse',
  summary: 'one absent 1 MB object asked for by all clients at once over two workers, against a hit on it',
  async run(processes, { clients, rounds }: Scale) {
    const body = noise(BODY_BYTES)
    const stage = await startStage(processes, () => body)
    try {
      const samples = []
      for (let round = 0; round < rounds; round++) {
        const target = `/${BODY_BYTES}/${round}`
        const miss = await herd(stage.port, target, clients, body)
        const originRequests = stage.asked(target)
        const hit = await herd(stage.port, target, clients, body)
        for (const [name, of] of Object.entries({ miss, hit })) mustBeRight(`collapse ${name}`, of, clients)
        samples.push({ originRequests, miss, hit, ratio: miss.firstLastMs / hit.firstLastMs })
      }
      const ratio = median(samples.map(sample => sample.ratio))
      const originRequestsMax = Math.max(...samples.map(sample => sample.originRequests))
      return {
        lines: [
          `origin requests per object: ${originRequestsMax} (must be 1)`,
          `last first byte, miss: ${ms(samples.map(({ miss }) => miss.firstLastMs))}, hit: ${ms(samples.map(({ hit }) => hit.firstLastMs))}`,
          `ratio: ${ratio.toFixed(2)} (at most ${RATIO_MAX})`,
        ],
        isKept: originRequestsMax === 1 && ratio <= RATIO_MAX,
        samples,
      }
    } finally {
      await stage.stop()
    }
  },
}

function ms(values: number[]): string {
  return `${median(values).toFixed(0)} ms`
}
