// The one error class. What is expected to happen (a miss, a refusal) is a returned value, not an error;
// this carries what went wrong with the outside world to the place that answers for it and logs it once.

/** Whose fault it is. */
export type ErrorSource = 'client' | 'origin' | 'edge'

export interface EdgeErrorOptions {
  source: ErrorSource
  /** The status to answer with when nothing has been sent yet. */
  status: number
  /** Whether the same request may be tried again elsewhere: nothing of it can have taken effect. */
  retry?: boolean
  cause?: unknown
}

/** `code` is a stable lower-case word such as `connect-timeout`; it is also the `detail` of Cache-Status and the log word. */
export class EdgeError extends Error {
  readonly code: string
  readonly source: ErrorSource
  readonly status: number
  readonly retry: boolean

  constructor(code: string, message: string, options: EdgeErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'EdgeError'
    this.code = code
    this.source = options.source
    this.status = options.status
    this.retry = options.retry ?? false
  }
}
