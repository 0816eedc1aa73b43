// One hot key, answered from the cache: what most requests at an edge are.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 64

export const hit: Scenario = {
  name: 'hit',
  summary: `one hot key answered from the cache, ${CONNECTIONS} connections`,
  cases: [
    caseOf('1 KB', 1024),
    caseOf('10 KB', 10 * 1024),
    caseOf('100 KB', 100 * 1024),
    caseOf('1 MB', 1024 * 1024),
  ],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/hit/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
