// `garbage`: what a hit leaves to the collector, and whether V8 still changes its mind about the code when it is warm.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { askMany } from '../ask-many.js'
import { Problem } from '../problem.js'
import { ask as askOnce, saysHit } from '../request.js'
import { siblingFile } from '../sibling.js'
import type { Context, Measurement } from './measurement.js'
import { startTimedOrigin } from './timed-origin.js'

/** For each second of the scale: as many as a worker answers at most, so that it does not run dry. */
const HITS_PER_SECOND = 20_000
/** All that JavaScript makes for one hit: an exchange, its responder, and what they read. */
const BYTES_PER_HIT_MAX = 1_024
const CACHE_BYTES = 256 * 2 ** 20
const ANSWER_TIMEOUT_MS = 10_000
const LOOK_EVERY_MS = 20

/** Hits that take the path through JavaScript, and those that are given ahead of the engine (`cache.replay`). */
const MODES = ['path', 'ahead'] as const

export interface Sample {
  mode: (typeof MODES)[number]
  hits: number
  bytesPerHit: number
  /** What V8 wrote of each, such as `deopt-eager, reason: wrong map`. */
  deoptimisations: string[]
}

export const garbage: Measurement = {
  name: 'garbage',
  summary: 'bytes of JavaScript that a hit leaves to be collected, and deoptimisations while warm',
  hasPeers: false,
  async run(context) {
    const samples: Sample[] = []
    for (const mode of MODES) samples.push(await measure(context, mode))
    return { lines: samples.map(describe), isKept: samples.every(isKept), faults: [], samples }
  },
}

async function measure(
  { kinds, directory, processes, scale }: Context,
  mode: Sample['mode'],
): Promise<Sample> {
  const origin = await startTimedOrigin('max-age=600', 0)
  const file = join(directory, `garbage-${mode}.json`)
  const peer = kinds[0]!.create({
    name: 'edge',
    directory: join(directory, `garbage-${mode}`),
    originUrl: origin.url,
    processes,
    core: undefined,
    host: {
      ...{ workers: 1, objectBytesMax: CACHE_BYTES, cacheBytesMax: CACHE_BYTES },
      more: { cache: { directory: 'cache', bytesMax: CACHE_BYTES, replay: mode === 'ahead' } },
    },
    environment: {
      NODE_OPTIONS: `--import=${siblingFile(import.meta.url, 'garbage-probe')}`,
      NAIJ_GARBAGE_FILE: file,
    },
  })
  try {
    await peer.start()
    const hits = Math.ceil(scale.seconds * HITS_PER_SECOND)
    const wanted = new Array(hits).fill({ target: '/hot' })
    await until(async () => saysHit(await askOnce(`${peer.url}/hot`)), 'the object is not stored')
    await ask(peer.url, wanted)
    await turn(peer.pids(), `${file}.begun`)
    await ask(peer.url, wanted)
    await turn(peer.pids(), file)
    const { allocatedBytes } = JSON.parse(readFileSync(file, 'utf8'))
    return {
      mode,
      hits,
      bytesPerHit: allocatedBytes / hits,
      deoptimisations: deoptimisationsIn(`${file}.code`),
    }
  } finally {
    await peer.stop()
    await origin.leave()
  }
}

function ask(url: string, wanted: readonly { target: string }[]): Promise<void> {
  return askMany(url, wanted, ({ status }) => {
    if (status !== 200) throw new Problem(`garbage: a hit is answered with ${status}`, 1)
  })
}

/** Tells the probe, and waits until it says by `file` that it heard. */
async function turn(pids: readonly number[], file: string): Promise<void> {
  // Who has no probe ignores it.
  for (const pid of pids) process.kill(pid, 'SIGWINCH')
  await until(async () => existsSync(file), 'no worker has the probe in it')
}

async function until(isTrue: () => Promise<boolean>, otherwise: string): Promise<void> {
  const endMs = performance.now() + ANSWER_TIMEOUT_MS
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Problem(`garbage: ${otherwise}`, 1)
    await setTimeoutPromise(LOOK_EVERY_MS)
  }
}

/** A line for each, of what V8 writes with `--trace-deopt`. */
export function deoptimisationsIn(file: string): string[] {
  if (!existsSync(file)) return []
  const found = readFileSync(file, 'utf8').matchAll(
    /^\[bailout \(kind: ([^)]+)\): begin\. deoptimizing .*?<JSFunction ([^ >(]*)/gm,
  )
  return [...found].map(([, kind, name]) => `${name || 'a function'}: ${kind}`)
}

export function isKept({ bytesPerHit, deoptimisations }: Sample): boolean {
  return bytesPerHit <= BYTES_PER_HIT_MAX && deoptimisations.length === 0
}

export function describe({ mode, hits, bytesPerHit, deoptimisations }: Sample): string {
  const names = deoptimisations.length === 0 ? '' : `: ${deoptimisations.join('; ')}`
  const bytes = `${bytesPerHit.toFixed(0)} bytes a hit (<= ${BYTES_PER_HIT_MAX})`
  return `edge, ${mode}: ${bytes}, ${deoptimisations.length} deoptimisations in ${hits} hits (0)${names}`
}
