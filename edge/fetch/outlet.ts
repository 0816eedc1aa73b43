// Where the body of an answer may go on to within the kernel, past this process (native/gather.ts): one that nobody here has
// to see.

export interface Outlet {
  /** The engine's answer, over a connection without TLS. */
  readonly response: object
  /** Nothing that came before waits here to be sent. */
  readonly isFree: boolean
  /** So many bytes of the body have gone there. */
  passed(bytes: number): void
}
