// A cache that holds many small responses before an edge begins with it: written as the edge writes them, without asking
// an origin a million times.
import { openStore } from '../../edge/cache/bodied-store.js'
import { encodeEntry } from '../../edge/cache/entry.js'
import { noteFormat } from '../../edge/cache/format.js'
import { Problem } from '../problem.js'

/** The host that all of them are for, of the site that answers for every host. */
export const FILLED_HOST = 'filled.example'
/** The name of that site: that of its first host. */
export const FILLED_SITE = '*'
export const FILLED_TAG = 'filled'
export const CACHE_BYTES = 16 * 1024 ** 3

const BODY = Buffer.alloc(200, 'x')
const IN_FLIGHT = 4_096
const QUEUE_BYTES_MAX = 256 * 1024 ** 2

/** `kept`: without the tag. */
export function filledTarget(number: number, isKept = false): string {
  return isKept ? `/kept/${number}` : `/filled/${number}`
}

/** `entries` responses with the tag, and `kept` without. */
export async function fillIndex(directory: string, entries: number, kept: number): Promise<void> {
  const log = (_level: string, message: string): never => {
    throw new Problem(`the cache could not be filled: ${message}`, 1)
  }
  const limits = {
    writeQueueBytesMax: QUEUE_BYTES_MAX,
    diskReadsMax: 1,
    evictedReadMaxMs: 0,
    closeTimeoutMs: 60_000,
    workers: 1,
  }
  const store = openStore({ directory, bytesMax: CACHE_BYTES, ...limits, log })
  const put = (number: number): Promise<void> => {
    const isKept = number >= entries
    const target = filledTarget(isKept ? number - entries : number, isKept)
    return store.put(`http ${FILLED_SITE} ${FILLED_HOST}${target}`, recordOf(isKept ? [] : [FILLED_TAG]))
  }
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < entries + kept) await put(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  await store.close()
  noteFormat(directory)
}

function recordOf(tags: string[]): Buffer {
  const nowMs = Date.now()
  return encodeEntry({
    status: 200,
    flags: 0,
    bornAtMs: nowMs,
    freshUntilMs: nowMs + 86_400_000,
    storedAtMs: nowMs,
    askedAtMs: nowMs,
    etag: '"1"',
    lastModified: '',
    varyNames: [],
    received: ['Content-Type', 'image/jpeg', 'Cache-Control', 'max-age=86400'],
    groups: [],
    tags,
    block: Buffer.from('Content-Type: image/jpeg\r\nCache-Control: max-age=86400\r\nAge'),
    notModifiedBytes: 0,
    content: BODY,
  })
}
