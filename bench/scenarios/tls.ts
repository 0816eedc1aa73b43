// One hot key over TLS, on kept connections: what most requests at an edge on the internet are.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 64

export const tls: Scenario = {
  name: 'tls',
  summary: `one hot key answered from the cache over TLS, ${CONNECTIONS} kept connections`,
  isSecure: true,
  cases: [
    { ...caseOf('1 KB', 1024), bar: { peer: 'nginx', ratioMax: 0.9 } },
    caseOf('10 KB', 10 * 1024),
    caseOf('100 KB', 100 * 1024),
  ],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/hit/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
