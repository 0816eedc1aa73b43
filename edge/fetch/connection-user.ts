// Who hears of what happens on a connection to an origin: who asks over it, who speaks something else over it, and the
// pool that has it.
import type { Fields } from '../http/fields.js'
import type { Connection } from './connection.js'
import type { KnownAnswer } from './known-answer.js'
import type { Phase } from './origin-error.js'
import type { Outlet } from './outlet.js'

/** Who has a connection for a request. After `onEnd` and `onFailure`, and after `release`, nothing more is heard. */
export interface ConnectionUser {
  /** Of one that did not stand when it was started. */
  onConnected(): void
  onInterim(status: number, fields: Fields): void
  /** See `ResponseEvents`. */
  onKnownHead?(known: KnownAnswer): boolean
  onHead(status: number, fields: Fields): void
  /** A view that is valid during the call only; false pauses the origin until `resume`. */
  onBody(chunk: Buffer): boolean
  /** From its head on: where its body may go without `onBody`, if it may. */
  readonly outlet?: Outlet | undefined
  onEnd(): void
  onFailure(error: unknown, phase: Phase): void
  /** `Connection.timer` has come to its time, or it was another's. */
  onTime?(nowMs: number): void
  /**
   * The answer was a 101 that had been asked for: the connection is to be given to a `SwitchedUser`, or destroyed, before
   * this returns. `rest` came behind it, a view that is valid during the call only.
   */
  onSwitch(fields: Fields, rest: Buffer): void
}

/** Who has a connection that does not speak HTTP any more. */
export interface SwitchedUser {
  /** A view that is valid during the call only. */
  onBytes(bytes: Buffer): void
  /** The last event: it was closed, with an error or without. Not after `destroy`. */
  onClosed(error: unknown): void
  /** Its origin has left the configuration: it should come to an end. */
  onLeaving(): void
}

export interface ConnectionOwner {
  /** It can carry another request. */
  onFree(connection: Connection): void
  /** It will never carry a request again, though it goes on. */
  onSwitched(connection: Connection): void
  /** Once. */
  onGone(connection: Connection): void
}
