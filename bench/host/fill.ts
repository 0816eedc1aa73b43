// `fill`: how fast new bodies get into the store, without a network: a body into a segment and its record into the index, as
// the edge writes them, and the bodies alone.
import { join } from 'node:path'
import { openStore } from '../../edge/cache/bodied-store.js'
import { encodeEntry } from '../../edge/cache/entry.js'
import { writeBody } from '../../edge/cache/place-body.js'
import { plainBytes } from '../origin/serve.js'
import { Problem } from '../problem.js'
import { median } from '../statistics.js'
import type { Measurement } from './measurement.js'

const BODY_BYTES = 64 * 1024
const MB = 1_000_000
const MB_PER_SECOND_MIN = 200
/** Far above what a round writes, so that nothing has to leave. */
const STORE_BYTES_MAX = 8 * 1024 ** 3
const QUEUE_BYTES_MAX = 64 * 1024 ** 2

interface Case {
  what: 'body and record' | 'body alone'
  inFlight: number
}

/** What the project promises is the first: the edge waits for no record. With 16, each waits for the commit of the others. */
const CASES: readonly Case[] = [
  { what: 'body and record', inFlight: 256 },
  { what: 'body and record', inFlight: 16 },
  { what: 'body alone', inFlight: 16 },
]

interface Sample extends Case {
  mbPerSecond: number
  /** User and system time of this process, its threads included. */
  cpuMicrosecondsPerBody: number
}

export const fill: Measurement = {
  name: 'fill',
  summary: 'new bodies of 64 KB into the store, without a network',
  hasPeers: false,
  async run({ directory, scale }) {
    const samples: Sample[] = []
    for (let round = 0; round < scale.rounds; round++) {
      for (const [i, item] of CASES.entries()) {
        samples.push(await sampleOf(item, join(directory, `fill-${round}-${i}`), scale.bodies))
      }
    }
    const sums = CASES.map(item => sumUp(samples.filter(sample => isOf(sample, item))))
    return {
      lines: CASES.map(({ what, inFlight }, i) => {
        const bar = i === 0 ? ` (>= ${MB_PER_SECOND_MIN})` : ''
        const { mbPerSecond, cpuMicrosecondsPerBody } = sums[i]!
        const cpu = `${cpuMicrosecondsPerBody.toFixed(0)} us CPU per body`
        return `${what}, ${inFlight} at a time: ${mbPerSecond.toFixed(0)} MB/s${bar}, ${cpu}`
      }),
      isKept: sums[0]!.mbPerSecond >= MB_PER_SECOND_MIN,
      faults: [],
      samples,
    }
  },
}

function isOf(sample: Case, item: Case): boolean {
  return sample.what === item.what && sample.inFlight === item.inFlight
}

function sumUp(samples: readonly Sample[]) {
  return {
    mbPerSecond: median(samples.map(sample => sample.mbPerSecond)),
    cpuMicrosecondsPerBody: median(samples.map(sample => sample.cpuMicrosecondsPerBody)),
  }
}

async function sampleOf(item: Case, directory: string, bodies: number): Promise<Sample> {
  const log = (_level: string, message: string): never => {
    throw new Problem(`fill: ${message}`, 1)
  }
  const store = openStore({
    directory,
    bytesMax: STORE_BYTES_MAX,
    writeQueueBytesMax: QUEUE_BYTES_MAX,
    diskReadsMax: 1,
    evictedReadMaxMs: 60_000,
    closeTimeoutMs: 60_000,
    workers: 1,
    log,
  })
  try {
    const { segments } = store.bodies!
    const body = plainBytes(BODY_BYTES)
    const put = async (key: string): Promise<void> => {
      const place = await writeBody(segments, body)
      if (item.what === 'body and record') await store.put(key, recordOf(place))
    }
    return { ...item, ...(await timed(bodies, item.inFlight, put)) }
  } finally {
    await store.close()
  }
}

async function timed(bodies: number, inFlight: number, put: (key: string) => Promise<void>) {
  const before = process.cpuUsage()
  const beganMs = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < bodies) await put(`http bench /${next++}`)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const seconds = (performance.now() - beganMs) / 1_000
  const { user, system } = process.cpuUsage(before)
  return {
    mbPerSecond: (bodies * BODY_BYTES) / MB / seconds,
    cpuMicrosecondsPerBody: (user + system) / bodies,
  }
}

function recordOf(content: Parameters<typeof encodeEntry>[0]['content']): Buffer {
  const nowMs = Date.now()
  return encodeEntry({
    status: 200,
    flags: 0,
    bornAtMs: nowMs,
    freshUntilMs: nowMs + 60_000,
    storedAtMs: nowMs,
    askedAtMs: nowMs,
    etag: '"1"',
    lastModified: '',
    varyNames: [],
    received: ['Content-Type', 'image/jpeg', 'Cache-Control', 'max-age=60'],
    groups: [],
    tags: [],
    block: Buffer.from('Content-Type: image/jpeg\r\nCache-Control: max-age=60\r\nAge'),
    notModifiedBytes: 0,
    content,
  })
}
