// Whether a stale response may be sent all the same (RFC 9111 4.2.4, RFC 5861). The times come from the Cache-Control
// that rules; what to send instead, and that a refresh goes on behind it, is the path's.

/**
 * 'error': the origin answered with a status of `isStaleIfErrorStatus`; 'disconnected': it did not answer in full;
 * 'accepted': the client said that it takes a response this stale (max-stale).
 */
export type StaleSituation = 'revalidating' | 'error' | 'disconnected' | 'accepted'

export interface StaleInput {
  situation: StaleSituation
  freshUntilMs: number
  now: number
  /** 0 when the directive is absent or invalid. */
  staleWhileRevalidateMs: number
  /** 0 when the directive is absent or invalid. */
  staleIfErrorMs: number
  /** must-revalidate, proxy-revalidate or s-maxage. */
  mustRevalidate: boolean
  /** no-cache. */
  alwaysValidate: boolean
  /** What the site permits at most, whatever the origin says. */
  staleMaxMs: number
}

/** The time after the end of freshness in which the response may be sent in this situation. */
function windowMs(input: StaleInput): number {
  switch (input.situation) {
    case 'revalidating':
      return Math.min(input.staleWhileRevalidateMs, input.staleMaxMs)
    case 'error':
      return Math.min(input.staleIfErrorMs, input.staleMaxMs)
    case 'disconnected':
    case 'accepted':
      // RFC 9111 4.2.4: permitted without the origin's word, so only the site sets an end to it.
      return input.staleMaxMs
  }
}

/**
 * True within the window and before the end of freshness; never with a directive that forbids it. The window ends
 * where a lifetime would: at its last millisecond the response is not usable any more.
 */
export function mayServeStale(input: StaleInput): boolean {
  // RFC 9111 5.2.2.2, 5.2.2.4, 5.2.2.8, 5.2.2.10.
  if (input.mustRevalidate || input.alwaysValidate) return false
  const staleMs = input.now - input.freshUntilMs
  return staleMs < 0 || staleMs < windowMs(input)
}

/** RFC 5861 4: the statuses that count as an error. Others of 5xx say that asking again is of no use. */
export function isStaleIfErrorStatus(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
