// One hot page that each client gets compressed: the edge by the best coding that it takes, made once, the others by gzip,
// made at each request as far as they store what they were given.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 64

export const variant: Scenario = {
  name: 'variant',
  summary: `one hot page, compressed for its clients, ${CONNECTIONS} connections`,
  cases: [caseOf('10 KB', 10 * 1024), caseOf('100 KB', 100 * 1024)],
  objection: answer => {
    if (!saysHit(answer)) return 'is not a cache hit'
    return answer.fields['content-encoding'] === undefined ? 'is not compressed' : undefined
  },
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/text/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
