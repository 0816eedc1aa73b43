// What all requests of a worker share. Made once by serve.ts; only the router is ever replaced, whole.
import type { EdgeConfig } from '../config/settings.js'
import type { WhyRefused } from './accept/door.js'
import type { Router } from './accept/route.js'
import type { SpoolBudget } from './accept/spool.js'
import type { Admission } from './cache/admit.js'
import type { Pauses } from './cache/pauses.js'
import type { Refreshes } from './cache/refreshes.js'
import type { Store } from './cache/store.js'
import type { Exchange } from './exchange.js'
import type { Collapse } from './fetch/collapse.js'
import type { FormMaker } from './optimise/form-maker.js'
import type { Overload } from './overload.js'
import type { PassBudget } from './pass-coder.js'
import type { Replay } from './replay/replay.js'
import type { StalledBytes } from './respond/backlog.js'
import type { Slices } from './slices/slices.js'
import type { PathCounters } from './usage/count.js'
import type { AccessLog } from './usage/log.js'
import type { Logger } from './usage/logger.js'
import type { Meter } from './usage/meter.js'
import type { Tap } from './usage/tap.js'
import type { WebSocketSession } from './web-socket-session.js'

export interface Edge {
  readonly config: EdgeConfig
  readonly store: Store
  /** Gives plain hits again; undefined where every request takes the path. */
  readonly replay: Replay | undefined
  router: Router
  readonly admission: Admission
  readonly counters: PathCounters
  /** Counts what sites use; undefined where nobody asks for it. */
  readonly meter: Meter | undefined
  /** Shows requests to who watches; undefined while nobody does. */
  tap: Tap | undefined
  readonly refreshes: Refreshes
  readonly pauses: Pauses
  readonly collapse: Collapse
  readonly forms: FormMaker
  readonly passing: PassBudget
  readonly slices: Slices
  /** Passes a request on as it is, for what is stored turned out not to be what the origin has. */
  readonly askAlone: (edge: Edge, x: Exchange) => void
  readonly stalled: StalledBytes
  readonly spool: SpoolBudget
  /** Those that are open. */
  readonly webSockets: Set<WebSocketSession>
  readonly overload: Overload
  /** A connection was closed at once: said now and then. */
  readonly onConnectionRefused: (why: WhyRefused) => void
  readonly log: Logger
  /** Undefined when no access lines are wanted. */
  readonly accessLog: AccessLog | undefined
  /** Cache-Status of a hit up to the number of its ttl. */
  readonly hitPrefix: string
  /** Answers say goodbye: the worker is leaving. */
  isDraining: boolean
  /** Called when the last exchange in progress has ended while draining. */
  onIdle: (() => void) | undefined
}
