// The client's end of a WebSocket, whatever engine holds it. The uWebSockets.js one is in uws-socket.ts.
import type { Piece } from '../fetch/web-socket/frame-reader.js'
import type { Head } from './responder.js'

export interface ClientSocket {
  /** Bytes that the kernel has not taken. */
  readonly waitingBytes: number
  /** Always takes it, a view that is valid during the call only. */
  send(piece: Uint8Array, what: Piece): void
  ping(payload: Uint8Array): void
  /** What is written within goes out together. */
  cork(write: () => void): void
  /** Says Close behind what was sent. Its user hears nothing more. */
  end(code: number, reason: Uint8Array): void
  /** Breaks it off. Its user hears nothing more. */
  cut(): void
}

/** Payloads are views that are valid during the call only. */
export interface ClientSocketUser {
  /** Before `openWebSocket` returns. */
  onOpen(client: ClientSocket): void
  /** A whole one, of at most `limits.webSocketMessageBytesMax`. */
  onMessage(message: Uint8Array, isBinary: boolean): void
  /** Answered already. */
  onClientPing(payload: Uint8Array): void
  onClientPong(payload: Uint8Array): void
  /** Some of what waited was taken. */
  onClientDrain(): void
  /** The last event: 1005 when no code was given, 1006 when there was no Close, with the engine's word for it. */
  onClientClose(code: number, reason: Uint8Array): void
}

/** What the 101 says to a client beside its own head. */
export interface Acceptance {
  head: Head
  /** The client's Sec-WebSocket-Key. */
  key: string
  /** '' for none. */
  protocol: string
}
