// `purge`: how many purges of single URLs are accepted in a second, how soon a purge of a tag that a whole cache carries is
// obeyed, and what hits on other keys feel while it is swept out.
import { Agent } from 'node:http'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { quantile } from '../statistics.js'
import { type FilledEdge, startFilled } from './filled-edge.js'
import { FILLED_HOST, FILLED_SITE, FILLED_TAG, filledTarget } from './filled-index.js'
import type { Measurement } from './measurement.js'

const KEPT = 1_000
const BATCH = 256
const LANES = 4
const PURGES_PER_SECOND_MIN = 20_000
const OBEYED_MS_MAX = 50
/** Of hits on other keys while the index is swept, to before. */
const SLOWER_MAX = 2
/** As fast as this client can ask without being what is measured. */
const HITS_PER_SECOND = 1_000
const TICK_MS = 1
const PROBES = 50
const SWEEP_TIMEOUT_MS = 600_000

export const purge: Measurement = {
  name: 'purge',
  summary: 'purges of single URLs a second, and of a tag that the whole cache carries',
  hasPeers: false,
  async run(context) {
    const { entries, seconds } = context.scale
    const edge = await startFilled(context, 'purge', { entries, kept: KEPT }, filledTarget(0, true))
    const agent = new Agent({ keepAlive: true, maxSockets: 32 })
    try {
      // Both sides are slow at first; what is compared must not be.
      await latencies(edge, agent, setTimeoutPromise(seconds * 1_000))
      const before = await latencies(edge, agent, setTimeoutPromise(seconds * 1_000))
      const tag = await purgeTag(edge)
      const during = await latencies(edge, agent, swept(edge))
      const rate = await purgeUrls(edge, seconds)
      const [p99Before, p99During] = [before, during].map(values => quantile(values, 0.99))
      const samples = {
        entries,
        tag,
        rate,
        hits: { before: before.length, during: during.length, p99Before, p99During },
      }
      return {
        lines: [
          `a tag of ${entries} responses: obeyed after ${tag.obeyedMs.toFixed(1)} ms (<= ${OBEYED_MS_MAX})`,
          `hits on other keys: p99 ${p99Before!.toFixed(2)} ms before, ${p99During!.toFixed(2)} ms while swept (<= ${SLOWER_MAX} times)`,
          `URLs: ${rate.perSecond.toFixed(0)} purges a second (>= ${PURGES_PER_SECOND_MIN})`,
        ],
        isKept:
          tag.obeyedMs <= OBEYED_MS_MAX &&
          p99During! <= SLOWER_MAX * p99Before! &&
          rate.perSecond >= PURGES_PER_SECOND_MIN,
        faults: [
          ...(tag.hits > 0 ? [`${tag.hits} of ${PROBES} were hits after the receipt`] : []),
          ...(rate.refused > 0 ? [`${rate.refused} batches were refused: ${rate.why}`] : []),
        ],
        samples,
      }
    } finally {
      agent.destroy()
      await edge.stop()
    }
  },
}

/** From the request to its receipt; from then on nothing with the tag may be a hit, in any worker. */
async function purgeTag(edge: FilledEdge): Promise<{ obeyedMs: number; hits: number }> {
  const beganMs = performance.now()
  await edge.purge({ kind: 'tag', site: FILLED_SITE, items: [FILLED_TAG] })
  const obeyedMs = performance.now() - beganMs
  const probes = Array.from({ length: PROBES }, (_, number) => edge.isHit(filledTarget(number)))
  return { obeyedMs, hits: (await Promise.all(probes)).filter(Boolean).length }
}

async function swept(edge: FilledEdge): Promise<void> {
  const untilMs = performance.now() + SWEEP_TIMEOUT_MS
  while ((await edge.metric('naij_purge_sweeps_total')) < 1 && performance.now() < untilMs) {
    await setTimeoutPromise(200)
  }
}

/** Of hits at a fixed rate until `end`, whether those before are answered or not: what waits behind a slow one counts. */
async function latencies(edge: FilledEdge, agent: Agent, end: Promise<unknown>): Promise<number[]> {
  let isOver = false
  void end.then(() => {
    isOver = true
  })
  const taken: number[] = []
  const asked: Promise<void>[] = []
  const beganMs = performance.now()
  for (let number = 0; !isOver; number++) {
    const dueMs = beganMs + (number * 1_000) / HITS_PER_SECOND
    if (dueMs > performance.now()) await setTimeoutPromise(TICK_MS)
    const askedMs = performance.now()
    const answered = edge.isHit(filledTarget(number % KEPT, true), agent)
    asked.push(answered.then(() => void taken.push(performance.now() - askedMs)))
  }
  await Promise.all(asked)
  return taken
}

async function purgeUrls(edge: FilledEdge, seconds: number) {
  const untilMs = performance.now() + seconds * 1_000
  const beganMs = performance.now()
  let next = 0
  let accepted = 0
  let refused = 0
  let why = ''
  const lane = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const from = next
      next += BATCH
      const items = Array.from({ length: BATCH }, (_, at) => `http://${FILLED_HOST}/purged/${from + at}`)
      const { status, answer } = await edge.purge({ kind: 'url', items })
      if (status === 200) accepted += BATCH
      else {
        refused += 1
        why = JSON.stringify(answer)
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return { perSecond: accepted / ((performance.now() - beganMs) / 1_000), refused, why }
}
