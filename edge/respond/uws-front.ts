// What the responders of uWebSockets.js know of their listener.
import type { StalledBytes } from './backlog.js'

/** What all connections of a listener share. */
export interface UwsFront {
  readonly stalled: StalledBytes
  /** Over TLS. */
  readonly isSecure: boolean
  /** Whom to believe what it says by the PROXY protocol. */
  readonly isProxy: ((address: string) => boolean) | undefined
}
