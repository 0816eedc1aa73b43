// What a site sees: many objects of all sizes, few of them often asked for, most from the cache, some for the first time,
// some only to be confirmed, some in part.
import { askMany } from '../ask-many.js'
import { OBJECTS, objectBytes, objectTag, objectTarget, popularity, seededRandom } from '../mixed-objects.js'
import { Problem } from '../problem.js'
import { saysHit } from '../request.js'
import type { Mixture, Scenario } from './scenario.js'

const CONNECTIONS = 64
/** Beside them the load takes what it needs of the same cores. */
const WORKERS = 2
const LINES = 65_536
const MISSES = 0.05
const CONDITIONALS = 0.1
const RANGES = 0.02
/** Of all objects, with what is asked for once, and what a store needs beside bodies. */
const CACHE_BYTES = 4 * 2 ** 30

const mixture: Mixture = { lines: mixedLines, prepare: url => fillAndCheck(url) }

export const mixed: Scenario = {
  name: 'mixed',
  summary: `${OBJECTS} objects by Zipf's law, 5% misses, 10% conditional, 2% ranges, ${CONNECTIONS} connections, ${WORKERS} workers`,
  cacheBytes: CACHE_BYTES,
  workers: WORKERS,
  cases: [
    {
      name: 'all',
      target: objectTarget(0),
      bodyBytes: objectBytes(0),
      connections: CONNECTIONS,
      mixture,
    },
  ],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

export function mixedLines(): string[] {
  const random = seededRandom(1)
  return popularity(LINES, random).map(number => {
    const kind = random()
    // Something new of a size that the others have.
    if (kind < MISSES) return `/mixed/${number}-@`
    if (kind < MISSES + CONDITIONALS) return `${objectTarget(number)}\tIf-None-Match: ${objectTag(number)}`
    if (kind < MISSES + CONDITIONALS + RANGES) return `${objectTarget(number)}\tRange: ${rangeOf(number)}`
    return objectTarget(number)
  })
}

/** The second quarter. */
function rangeOf(number: number): string {
  const bytes = objectBytes(number)
  return `bytes=${bytes >> 2}-${(bytes >> 1) - 1}`
}

/** Asks for the first `objects` once, and sees that parts and confirmations are answered as such. */
export async function fillAndCheck(url: string, objects = OBJECTS): Promise<void> {
  const all = Array.from({ length: objects }, (_, number) => ({ target: objectTarget(number) }))
  await askMany(url, all, ({ status, bodyBytes }, at) => {
    if (status !== 200 || bodyBytes !== objectBytes(at))
      throw new Problem(`${all[at]!.target} is answered with ${status} and ${bodyBytes} bytes`, 1)
  })
  const fields = { 'If-None-Match': objectTag(1) }
  const range = { Range: rangeOf(1) }
  const asked = [fields, range].map(more => ({ target: objectTarget(1), fields: more }))
  await askMany(url, asked, ({ status }, at) => {
    const wanted = [304, 206][at]
    if (status !== wanted) throw new Problem(`${JSON.stringify(asked[at])} is answered with ${status}`, 1)
  })
}
