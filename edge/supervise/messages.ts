// All messages between the supervisor and a worker, over the IPC channel, in order. Requests carry a number that
// the answer repeats. The supervisor's end is link.ts, the worker's is follow.ts.
import type { EdgeConfig, SiteConfig } from '../../config/settings.js'
import type { Explained } from '../explain/explanation.js'
import type { Question } from '../explain/question.js'
import type { OriginWord } from '../fetch/origin-health.js'
import type { Counters, OriginCounts, SavedCounts } from '../serving.js'
import type { Tail, Tailed } from '../usage/tap.js'

/** The first message to a worker. */
export interface StartMessage {
  type: 'start'
  slot: number
  generation: number
  /** Of the configuration; counts up from 1. */
  revision: number
  /** With concrete ports: every worker of the generation listens on the same ones. */
  config: EdgeConfig
  /** Of those that are not simply good. */
  origins: readonly OriginWord[]
  /** 48 bytes, base64: what one worker of the generation began over TLS, another one resumes (engine node). */
  ticketKeys: string
}

export type ToWorker =
  | StartMessage
  /** Build the sites, use nothing of them yet. Answer: prepared or refused. */
  | { type: 'prepare'; id: number; revision: number; sites: readonly SiteConfig[] }
  /** Use what was prepared under this revision. Answer: committed. */
  | { type: 'commit'; id: number; revision: number }
  /** Forget what was prepared. No answer. */
  | { type: 'discard' }
  | { type: 'report'; id: number }
  /** What would become of this request, and why. Answer: explained. */
  | { type: 'explain'; id: number; question: Question }
  /** What has become of these origins. No answer. */
  | { type: 'origins'; words: readonly OriginWord[] }
  /** Show requests to these, and to no others. Answers: tailed, as they come. */
  | { type: 'tails'; tails: readonly Tail[] }
  /** Stop listening, finish what is in progress, exit 0. No answer. */
  | { type: 'drain' }

export interface Report {
  counters: Counters
  /** Only when it was asked for: there may be many. */
  origins?: readonly OriginCounts[]
  /** The same. */
  saved?: readonly SavedCounts[]
  residentBytes: number
}

/** The number of a report that nobody asked for. */
export const unasked = 0

export type FromWorker =
  | { type: 'ready'; ports: readonly number[] }
  /** It could not start; the process exits after this. */
  | { type: 'failed'; code: string; message: string }
  | { type: 'prepared'; id: number }
  | { type: 'refused'; id: number; reason: string }
  | { type: 'committed'; id: number }
  | { type: 'report'; id: number; report: Report }
  /** This worker has left out this origin, for this reason. */
  | { type: 'ejected'; word: OriginWord; reason: string }
  | { type: 'explained'; id: number; explained: Explained }
  | { type: 'tailed'; tailed: Tailed }

/** For the default branch of a switch over a union: does not compile when a case is missing. */
export function impossible(value: never): never {
  throw new Error(`impossible: ${JSON.stringify(value)}`)
}
