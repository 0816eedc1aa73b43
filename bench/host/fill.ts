// `fill`: how fast new bodies get into the store, without a network: a segment and the index, as the edge writes them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../edge/cache/bodied-store.js'
import { encodeEntry } from '../../edge/cache/entry.js'
import { writeBody } from '../../edge/cache/place-body.js'
import { Problem } from '../problem.js'
import { median } from '../statistics.js'
import type { Measurement } from './measurement.js'
import { noise } from './stage.js'

const BODY_BYTES = 64 * 1024
const BODIES = 4_096
const AT_ONCE = 256
const MB_PER_SECOND_MIN = 200

export const fill: Measurement = {
  name: 'fill',
  summary: `new bodies of 64 KB into the store, ${AT_ONCE} at a time`,
  async run(_, { rounds }) {
    const body = noise(BODY_BYTES)
    const samples: number[] = []
    for (let round = 0; round < rounds; round++) samples.push(await mbPerSecond(body))
    const middle = median(samples)
    return {
      lines: [`${middle.toFixed(0)} MB/s (at least ${MB_PER_SECOND_MIN})`],
      isKept: middle >= MB_PER_SECOND_MIN,
      samples,
    }
  },
}

async function mbPerSecond(body: Buffer): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'naij-fill-'))
  const store = openStore({
    directory,
    bytesMax: 2 ** 30,
    writeQueueBytesMax: 2 ** 26,
    diskReadsMax: 64,
    evictedReadMaxMs: 60_000,
    log: () => {},
  })
  try {
    const { bodies } = store
    if (bodies === undefined) throw new Problem('fill: without the native addon there are no segments')
    const beganMs = performance.now()
    let next = 0
    const put = async (): Promise<void> => {
      while (next < BODIES) {
        const key = `http bench /${next++}`
        await store.put(key, recordOf(await writeBody(bodies.segments, body)))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, put))
    const seconds = (performance.now() - beganMs) / 1_000
    return (BODIES * BODY_BYTES) / 1_000_000 / seconds
  } finally {
    await store.close()
    await rm(directory, { recursive: true, force: true })
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
