// A response that may not be stored: every request goes through to the origin over kept connections.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 32

export const miss: Scenario = {
  name: 'miss',
  summary: `an uncacheable response fetched from the origin each time, ${CONNECTIONS} connections`,
  cases: [caseOf('1 KB', 1024), caseOf('10 KB', 10 * 1024), caseOf('100 KB', 100 * 1024)],
  objection: answer => (saysHit(answer) ? 'is a cache hit although it may not be stored' : undefined),
}

function caseOf(name: string, bodyBytes: number): Case {
  return { name, target: `/miss/${bodyBytes}`, bodyBytes, connections: CONNECTIONS }
}
