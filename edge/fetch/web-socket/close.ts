// What a Close frame may say (RFC 6455 5.5.1, 7.4).

/** No code was given; it is never written. */
export const noCode = 1005
/** The connection broke off without a Close; it is never written. */
export const brokenOff = 1006
export const normal = 1000
export const goingAway = 1001
export const protocolError = 1002
export const invalidText = 1007
export const internalError = 1011
export const tryAgainLater = 1013

/** Bytes of a reason: what a control frame holds beside the code. */
export const reasonBytesMax = 123

/** Codes that a frame may carry: those of the registry, and those of libraries and applications (RFC 6455 7.4.2). */
export function isWritable(code: number): boolean {
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== noCode && code !== brokenOff
}
