// What is measured of a whole host, unlike the scenarios of compare.ts: not CPU time per request, but a bound that holds or
// does not.

import type { PeerKind } from '../peers/peer.js'
import type { Curve } from '../plots.js'
import type { Processes } from '../processes.js'

export interface Scale {
  /** Of `collapse`: requests at once. */
  clients: number
  /** Of `slow-readers`: how many, of what, and for how long. */
  readers: number
  objectBytes: number
  seconds: number
  /** Of `connections`: those that are idle. Of `flood` a quarter of it. */
  connections: number
  /** Of `fill`: bodies of one round. */
  bodies: number
  /** Of `mesh`: wake-ups of one round. */
  wakeUps: number
  rounds: number
  /** Of `image`: photographs that are made small at once. */
  photographs: number
  /** Of `restart` and `purge`: responses in the cache. */
  entries: number
}

export interface Context {
  processes: Processes
  /** The edge first. */
  kinds: readonly PeerKind[]
  /** For everything that is written; removed after the run. */
  directory: string
  scale: Scale
  /** URL of a counting origin that runs already; without it one is started as a process of its own. */
  originUrl?: string
}

export interface Outcome {
  /** For the terminal. */
  lines: string[]
  /** Whether the project's promise holds in this run; undefined where none is made. A peer's numbers are not part of it. */
  isKept: boolean | undefined
  /** Sentences on what is not to be trusted; empty in a good run. */
  faults: string[]
  samples: unknown
  /** What clients waited, for the plots of the report. */
  histograms?: Curve[]
}

export interface Measurement {
  readonly name: string
  readonly summary: string
  /** Whether other servers than the edge take part. */
  readonly hasPeers: boolean
  /** Throws a Problem when something answers wrongly. */
  run(context: Context): Promise<Outcome>
}
