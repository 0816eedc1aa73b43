// One hot key over TLS: on kept connections, what most requests at an edge on the internet are, and with a handshake for each.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 64

export const tls: Scenario = {
  name: 'tls',
  summary: `one hot key answered from the cache over TLS, ${CONNECTIONS} connections, kept or each for one request`,
  isSecure: true,
  cases: [
    caseOf('1 KB, kept', 1024),
    caseOf('10 KB, kept', 10 * 1024),
    caseOf('100 KB, kept', 100 * 1024),
    { ...caseOf('1 KB, handshakes', 1024), isClosing: true },
  ],
  objection: answer => (saysHit(answer) ? undefined : 'is not a cache hit'),
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/hit/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
