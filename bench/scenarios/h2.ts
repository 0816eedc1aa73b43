// One hot key over HTTP/2 and TLS: what browsers ask for at an edge that offers it. The edge does with its engine node.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 16

export const h2: Scenario = {
  name: 'h2',
  summary: `one hot key answered from the cache over HTTP/2, ${CONNECTIONS} kept connections of 8 streams`,
  isSecure: true,
  isHttp2: true,
  cases: [caseOf('1 KB', 1024), caseOf('10 KB', 10 * 1024), caseOf('100 KB', 100 * 1024)],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/hit/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
