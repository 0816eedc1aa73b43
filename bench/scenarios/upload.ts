// Bodies on their way to the origin: each request is a POST, streamed through over kept connections.
import { saysHit } from '../request.js'
import type { Case, Scenario } from './scenario.js'

const CONNECTIONS = 16
const ANSWER_BYTES = 1024

export const upload: Scenario = {
  name: 'upload',
  summary: `a body sent to the origin with POST, ${CONNECTIONS} connections`,
  cases: [caseOf('10 KB', 10 * 1024), caseOf('100 KB', 100 * 1024), caseOf('1 MB', 1024 * 1024)],
  objection: answer => (saysHit(answer) ? 'is a cache hit although it answers a POST' : undefined),
}

function caseOf(name: string, requestBytes: number): Case {
  const target = `/miss/${ANSWER_BYTES}`
  return { name, target, bodyBytes: ANSWER_BYTES, requestBytes, connections: CONNECTIONS }
}
