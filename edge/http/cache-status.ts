// The value of Cache-Status (RFC 9211): one list member that says what this cache did with the request. Members of
// caches behind us are the caller's to keep in front of it.
import { remembering } from './remember.js'
import { isToken } from './tokens.js'

/** Why the request went on to the origin (RFC 9211 2.2). */
export type ForwardReason =
  | 'bypass'
  | 'method'
  | 'uri-miss'
  | 'vary-miss'
  | 'miss'
  | 'request'
  | 'stale'
  | 'partial'

export type CacheStatus =
  | { kind: 'hit'; ttlSeconds?: number | undefined; detail?: string | undefined }
  | {
      kind: 'forwarded'
      reason: ForwardReason
      /** What the origin answered, when it differs from what the client gets or is worth saying. */
      forwardStatus?: number | undefined
      stored?: boolean | undefined
      /**
       * Whether the request waited for the fetch of another one: true when it is answered with what that brought,
       * 'tried' when it had to ask itself in the end. Who was not made to wait, the one who asked included, says nothing.
       */
      collapsed?: boolean | 'tried' | undefined
      /** Remaining freshness of what is served; negative when it is stale. */
      ttlSeconds?: number | undefined
      detail?: string | undefined
    }
  /** Answered without asking the origin and without what is stored. */
  | { kind: 'own'; detail: string }

/** RFC 8941 3.3.1: fifteen digits. */
const INTEGER_MAX = 999_999_999_999_999

function integer(value: number): string {
  if (Number.isNaN(value)) return '0'
  const whole = Math.trunc(Math.min(Math.max(value, -INTEGER_MAX), INTEGER_MAX))
  return `${whole === 0 ? 0 : whole}`
}

/** RFC 8941 3.3.4: as a field token, but `:` and `/` may follow, and a letter or `*` must be first. */
function isStructuredToken(text: string): boolean {
  return /^[A-Za-z*]/.test(text) && isToken(text.replace(/[:/]/g, 'x'))
}

/** `text` as an sf-token when it can be one, else as an sf-string; what neither can hold becomes `?` (RFC 8941 3.3.3). */
export const structuredWord = remembering((text: string): string => {
  if (isStructuredToken(text)) return text
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
})

/** A hit's value up to the number of its ttl, made once: a hit only appends whole seconds (RFC 9211 2.1, 2.4). */
export function hitPrefix(cdnId: string): string {
  return `${structuredWord(cdnId)}; hit; ttl=`
}

/** A forwarded request's value without parameters, such as `naij; fwd=uri-miss`. */
export function forwardPrefix(cdnId: string, reason: ForwardReason): string {
  return `${structuredWord(cdnId)}; fwd=${reason}`
}

/** RFC 9211 2.2, 2.3, 2.5, 2.6. */
function forwarded(status: Extract<CacheStatus, { kind: 'forwarded' }>): string {
  const { reason, forwardStatus, stored, collapsed } = status
  let value = `fwd=${reason}`
  if (forwardStatus !== undefined) value += `; fwd-status=${integer(forwardStatus)}`
  if (stored) value += '; stored'
  if (collapsed) value += collapsed === 'tried' ? '; collapsed=?0' : '; collapsed'
  return value
}

/** The member for this request. Parameters without a value are left out. */
export function cacheStatus(cdnId: string, status: CacheStatus): string {
  const identity = structuredWord(cdnId)
  if (status.kind === 'own') return `${identity}; detail=${structuredWord(status.detail)}`
  let value = `${identity}; ${status.kind === 'hit' ? 'hit' : forwarded(status)}`
  if (status.ttlSeconds !== undefined) value += `; ttl=${integer(status.ttlSeconds)}`
  if (status.detail !== undefined) value += `; detail=${structuredWord(status.detail)}`
  return value
}
