// What clients may hold of a listener on Node's own server.
import type { ListenWhere } from './listen.js'

export interface Bounds {
  headMs: number
  idleMs: number
  streamsMax: number
  resetsPerMinuteMax: number
  connectionsMax: number
  perAddressMax: number
}

/** What is absent has a default that suits a public site; the settings table says it too. */
export function boundsOf(where: ListenWhere): Bounds {
  return {
    headMs: where.headMs ?? 10_000,
    idleMs: where.idleMs ?? 60_000,
    streamsMax: where.streamsMax ?? 128,
    resetsPerMinuteMax: where.resetsPerMinuteMax ?? 600,
    connectionsMax: where.connectionsMax ?? Number.POSITIVE_INFINITY,
    perAddressMax: where.connectionsPerAddressMax ?? 512,
  }
}
