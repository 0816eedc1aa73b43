// A catalogue: many small objects, all of them in the cache, more than any table in memory holds; asked for by Zipf's law,
// and all alike.
import { askMany } from '../ask-many.js'
import { catalogTarget, OBJECT_BYTES, OBJECTS } from '../catalog-objects.js'
import { popularity, seededRandom } from '../mixed-objects.js'
import { Problem } from '../problem.js'
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 64
const LINES = 65_536
/** Of all objects, with what a store needs beside bodies. */
const CACHE_BYTES = 4 * 2 ** 30

/** The same for all cases: one filling does for them. */
const prepare = (url: string): Promise<void> => fillCatalog(url)

export const catalog: Scenario = {
  name: 'catalog',
  summary: `${OBJECTS} objects of ${OBJECT_BYTES} bytes answered from the cache, ${CONNECTIONS} connections`,
  cacheBytes: CACHE_BYTES,
  cases: [caseOf('Zipf 0.9', zipfLines), caseOf('uniform', uniformLines)],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

function caseOf(name: string, lines: () => string[]): Case {
  return {
    name,
    target: catalogTarget(0),
    bodyBytes: OBJECT_BYTES,
    connections: CONNECTIONS,
    mixture: { lines, prepare },
  }
}

export function zipfLines(): string[] {
  return popularity(LINES, seededRandom(1), OBJECTS).map(catalogTarget)
}

/** Each object once, in an order of its own. */
export function uniformLines(): string[] {
  const random = seededRandom(2)
  const numbers = Array.from({ length: OBJECTS }, (_, number) => number)
  for (let at = numbers.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[numbers[at], numbers[other]] = [numbers[other]!, numbers[at]!]
  }
  return numbers.map(catalogTarget)
}

/** Asks for the first `objects` twice: what is kept in memory is there when it is measured. */
export async function fillCatalog(url: string, objects = OBJECTS): Promise<void> {
  const all = Array.from({ length: objects }, (_, number) => ({ target: catalogTarget(number) }))
  for (let round = 0; round < 2; round++) {
    await askMany(url, all, ({ status, bodyBytes }, at) => {
      if (status !== 200 || bodyBytes !== OBJECT_BYTES)
        throw new Problem(`${all[at]!.target} is answered with ${status} and ${bodyBytes} bytes`, 1)
    })
  }
}
