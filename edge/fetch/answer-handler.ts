// Who hears of the answer to a request that was sent to an origin.
import type { EdgeError } from '../error.js'
import type { Fields } from '../http/fields.js'
import type { Connection } from './connection.js'
import type { KnownAnswer } from './known-answer.js'
import type { Outlet } from './outlet.js'

/** Events of one answer: head, body..., then end or error. After `abort` there are none. */
export interface AnswerHandler {
  /** 1xx, before the head. */
  onInterim?(status: number, fields: Fields): void
  /** See `ResponseEvents`. */
  onKnownHead?(known: KnownAnswer): boolean
  onHead(status: number, fields: Fields): void
  /** A view that is valid during the call only; false pauses the origin until `resume`. */
  onBody(chunk: Buffer): boolean
  /** See `ConnectionUser`. */
  readonly outlet?: Outlet | undefined
  onEnd(): void
  /** Once, instead of the end: before the head or in the middle of the body. */
  onError(error: EdgeError): void
  /** Instead of the head, for an `Ask` with a handshake: see `ConnectionUser`. */
  onSwitch?(fields: Fields, rest: Buffer, connection: Connection): void
}
