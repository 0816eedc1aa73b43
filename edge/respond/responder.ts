// What the path may do with a client connection, whatever engine holds it. One contract test that every engine
// passes. The uWebSockets.js engine is in write.ts; nothing else in respond/ knows an engine.
import type { Upload, UploadSource } from '../accept/upload.js'
import type { Outlet } from '../fetch/outlet.js'
import type { Acceptance, ClientSocketUser } from './client-socket.js'

/**
 * The head of an answer. `block` is preformatted header lines, bytes, of which the last one is a bare field name;
 * `tail` is that line's value and may go on with further lines: `"3\r\nCache-Status: naij; hit"`. Neither holds the
 * status line, Date, Content-Length, Transfer-Encoding or Connection: those are the engine's.
 */
export interface Head {
  status: number
  block: Uint8Array
  tail: string
  /** How long nobody else writes to `block`: `turn`: see `turnBuffer` in opened.ts; absent: while it is handed over. */
  lasts?: 'turn' | 'ever'
  /** That of the response itself; only for engines with `tellsDate`. Absent: the engine says when it sends it. */
  date?: string
}

/** The head with the further lines, which are taken: an answer has one head. */
export function withMoreLines(responder: Pick<Responder, 'moreLines'>, head: Head): Head {
  const { moreLines } = responder
  responder.moreLines = ''
  return { ...head, tail: head.tail + moreLines }
}

/** For later: the store's view of `block` does not outlive the call. */
export function keepHead(head: Head): Head {
  return head.lasts === 'ever' ? head : { ...head, block: Buffer.from(head.block), lasts: 'ever' }
}

/** `open`: nothing sent; `streaming`: head sent; `ended`: complete; `gone`: broken off by either side. */
export type ResponderState = 'open' | 'streaming' | 'ended' | 'gone'

export interface Responder extends UploadSource {
  readonly state: ResponderState
  /** Body bytes handed to the client so far. */
  readonly bodyBytesOut: number
  /** Bytes of the head, as far as the answer has one. */
  readonly headBytesOut: number
  /** Called once, when the last byte was handed over (true) or the client was lost before that (false). */
  onEnd: ((completed: boolean) => void) | undefined
  /** Called when `write` may go on after it returned false, or `offer` after it took less. */
  onDrain: (() => void) | undefined
  /** Asks for the connection to be closed after this answer; before the head only. */
  closeAfter: boolean
  /** Whether the head's `date` is sent; the others always send their own. */
  readonly tellsDate?: true
  /** Of the request, see `ReplayMemory`; absent: 0. */
  readonly token?: number
  /** Further lines of the head, each with CRLF before it; '' for none. */
  moreLines: string

  /** A complete answer in one go. `body` may be a view that is valid only during this call. */
  send(head: Head, body: Uint8Array): void
  /** A complete answer without a body; `contentLength` is what a GET would have carried (RFC 9110 9.3.2), if known. */
  sendHead(head: Head, contentLength: number | undefined): void
  /** Begins a streamed answer: of that length, or chunked when it is not known. */
  open(head: Head, contentLength: number | undefined): void
  /** Always takes the chunk, a view that is valid only during this call; false asks to wait for `onDrain`. */
  write(chunk: Uint8Array): boolean
  /**
   * Takes as many bytes from the beginning of `chunk`, a view that is valid only during this call, as the connection has
   * room for, and returns how many; the rest is offered again after `onDrain`. Not to be mixed with `write`.
   */
  offer(chunk: Uint8Array): number
  /** Of a streamed answer: for bytes that need no `write`, where the engine can. */
  readonly outlet?: Outlet | undefined
  /** Completes a streamed answer. */
  end(): void
  /** Breaks the connection off, so that nobody can take what was sent for complete. */
  abort(): void
  /** Stops taking bytes of this client until the answer ends: a pipelined request waits, a FIN stays unseen. */
  hold(): void
  /**
   * A complete answer, a 101 (RFC 6455 4.2.2), behind which the connection is a WebSocket: `user` has its client's end. Only
   * of a request that was read as a handshake.
   */
  openWebSocket?(acceptance: Acceptance, user: ClientSocketUser): void
  /** RFC 8297: what the origin says of the answer before it, values of Link; only before the head, where the engine can. */
  sendEarlyHints?(links: readonly string[]): void
  /** Lets the request body flow into `upload`; only before the accepting call returns, at most once. */
  receive(upload: Upload): void
  /** The bytes of the request field `lowerCaseName`, latin1; only before the accepting call returns. */
  fieldBytes(lowerCaseName: string): string
  /** The peer's address in text form, '' when it is gone. */
  clientAddress(): string
}
