// Before anything is measured: every peer must answer with the origin's bytes, and in the way the scenario means.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { Peer } from './peers/peer.js'
import { Problem } from './problem.js'
import { type Answer, ask, type Question } from './request.js'
import type { Case, Scenario } from './scenarios/scenario.js'

/** A store may finish behind the first answer; so often is the question repeated before that counts as wrong. */
const ATTEMPTS_MAX = 20
const ATTEMPT_INTERVAL_MS = 50

/** Throws a Problem that names the peer and what is wrong with its answer. */
export async function verify(peer: Peer, scenario: Scenario, item: Case, originUrl: string): Promise<void> {
  const question = { requestBytes: item.requestBytes }
  const truth = await ask(originUrl + item.target, question)
  if (truth.status !== 200 || truth.body.length !== item.bodyBytes) {
    throw new Problem(`the origin does not answer ${item.target} as the scenario says`, 1)
  }
  const refuse = (objection: string): never => {
    throw new Problem(`${peer.name}, ${scenario.name} ${item.name}: the answer ${objection}`, 1)
  }
  const first = difference(truth, await ask(peer.url + item.target, question))
  if (first !== undefined) refuse(first)
  const later = await settle(peer.url + item.target, question, scenario)
  const objection = difference(truth, later) ?? scenario.objection(later)
  if (objection !== undefined) refuse(objection)
}

async function settle(url: string, question: Question, scenario: Scenario): Promise<Answer> {
  let answer = await ask(url, question)
  for (let attempt = 1; attempt < ATTEMPTS_MAX && scenario.objection(answer) !== undefined; attempt++) {
    await setTimeoutPromise(ATTEMPT_INTERVAL_MS)
    answer = await ask(url, question)
  }
  return answer
}

/** What differs between the origin's answer and a peer's, as part of a sentence. */
export function difference(truth: Answer, answer: Answer): string | undefined {
  if (answer.status !== truth.status) return `has status ${answer.status}, the origin's ${truth.status}`
  const body = decoded(answer)
  if (body.equals(truth.body)) return undefined
  return `has other bytes than the origin's (${answer.body.length} against ${truth.body.length})`
}

function decoded({ body, fields }: Answer): Buffer {
  switch (fields['content-encoding']) {
    case 'br':
      return brotliDecompressSync(body)
    case 'gzip':
      return gunzipSync(body)
    default:
      return body
  }
}
