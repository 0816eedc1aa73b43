// What a scenario is: cases to put under load, and what an answer must look like before anything is measured.
import type { Answer } from '../request.js'

export interface Case {
  /** Unique in its scenario, such as `1 KB`. */
  name: string
  /** The target to ask for, starting with a slash. */
  target: string
  /** Of the answer. */
  bodyBytes: number
  connections: number
  /** A POST with a body of so many bytes instead of a GET. */
  requestBytes?: number
  /** The requests of the load, where they are not all alike. */
  mixture?: Mixture
  /** Each request on a connection of its own. */
  isClosing?: boolean
}

/** Requests that differ, as lines of a file (`mixture-client.ts`): in their order, again and again. */
export interface Mixture {
  /** `TARGET`, or `TARGET<tab>FIELD: VALUE`; `@` in a target becomes something that was never asked for. */
  lines(): readonly string[]
  /** Brings a peer into the state that is measured; what cases share is done once. Rejects with a Problem when it does not get there. */
  prepare(url: string): Promise<void>
}

export interface Scenario {
  readonly name: string
  /** One line for --help and above the table. */
  readonly summary: string
  readonly cases: readonly Case[]
  /** Of each peer, on all cores; absent means one, on a core of its own. */
  readonly workers?: number
  /** Over TLS 1.2 or 1.3, whichever the load speaks; connections are kept. */
  readonly isSecure?: boolean
  /** With HTTP/2, which is over TLS. */
  readonly isHttp2?: boolean
  /** Bytes that the caches of the peers must hold at least. */
  readonly cacheBytes?: number
  /** What is wrong with an answer that came after the first one, as part of a sentence; undefined when it is right. */
  objection(answer: Answer): string | undefined
}
