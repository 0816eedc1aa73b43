// What the responders of uWebSockets.js know of their listener.
import type { ReplayMemory } from '../../native/index.js'
import type { PeerAddresses } from './address.js'
import type { StalledBytes } from './backlog.js'

/** What all connections of a listener share. */
export interface UwsFront {
  readonly stalled: StalledBytes
  /** Over TLS. */
  readonly isSecure: boolean
  /** Bodies may pass us by: without TLS, and the engine is known (native/heads.ts). */
  readonly hasOutlets: boolean
  readonly peers: PeerAddresses
  /** Undefined where every request takes the path. */
  readonly replay: Pick<ReplayMemory, 'token' | 'release'> | undefined
}
