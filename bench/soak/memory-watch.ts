// Whether memory or descriptors of a running edge grow: looked at once a second, and judged by the slope of what was seen
// after it had come to rest.
import { readdirSync, readFileSync } from 'node:fs'
import { ifThere } from '../if-there.js'
import { median } from '../statistics.js'

export interface Look {
  /** Since the beginning. */
  seconds: number
  /** Pss_Anon of all processes: what files and shared memory take is not in it. */
  bytes: number
  descriptors: number
  processes: number
}

/** Of these processes, as far as they are still there. */
export function look(pids: readonly number[], seconds: number): Look {
  let [bytes, descriptors, processes] = [0, 0, 0]
  for (const pid of pids) {
    const text = ifThere(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    const open = ifThere(() => readdirSync(`/proc/${pid}/fd`).length)
    if (text === undefined || open === undefined) continue
    bytes += Number(/^Pss_Anon:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0) * 1_024
    descriptors += open
    processes += 1
  }
  return { seconds, bytes, descriptors, processes }
}

export interface Growth {
  /** In the middle of what was seen. */
  middle: number
  /** What the slope makes of the time of the looks, as a part of the middle. */
  part: number
}

/** Of this part of a run nothing is judged: caches fill, code is compiled. */
const RISE_PART = 1 / 3
/** More pairs say no more. */
const LOOKS_MAX = 400

/**
 * By the slope of Theil and Sen, the median of those of all pairs: a process that was killed and starts small, or a
 * moment of much work, does not move it. Undefined for fewer than ten looks.
 */
export function growthOf(looks: readonly Look[], of: (look: Look) => number): Growth | undefined {
  // While a process is replaced there is one fewer, or one more.
  const usual = median(looks.map(({ processes }) => processes))
  const settled = looks.filter(({ processes }, at) => at >= looks.length * RISE_PART && processes === usual)
  const step = Math.max(1, Math.ceil(settled.length / LOOKS_MAX))
  const judged = settled.filter((_, at) => at % step === 0)
  if (judged.length < 10) return undefined
  const slopes = judged.flatMap((b, at) =>
    judged.slice(0, at).map(a => (of(b) - of(a)) / Math.max(b.seconds - a.seconds, 0.001)),
  )
  const middle = median(judged.map(of))
  const span = judged.at(-1)!.seconds - judged[0]!.seconds
  return { middle, part: (median(slopes) * span) / middle }
}
