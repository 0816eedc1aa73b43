// A stored response: what the store keeps under a key, as one binary record, and the view of it that a hit reads.
// Everything that depends on the stored response alone is computed when the record is made, nothing on a hit.
import type { Fields } from '../http/fields.js'

/** Bits of `Entry.flags`. */
export const EntryFlag = {
  /** `no-cache`: never used without asking the origin (RFC 9111 5.2.2.4). */
  alwaysValidate: 1,
  /** `must-revalidate`, `proxy-revalidate` or `s-maxage`: never served stale (RFC 9111 4.2.4). */
  mustRevalidate: 2,
} as const

/** All that is needed to make a record. Times are wall clock, milliseconds since the epoch. */
export interface EntryDraft {
  status: number
  flags: number
  /** When this response's age was zero: response time minus corrected initial age (RFC 9111 4.2.3). */
  bornAtMs: number
  /** End of the freshness lifetime (RFC 9111 4.2). */
  freshUntilMs: number
  storedAtMs: number
  /** Stored validators as received, '' when absent. */
  etag: string
  lastModified: string
  /** Lower-case field names of Vary, sorted; empty when the response does not vary. */
  varyNames: readonly string[]
  /** All end-to-end fields as received: what a 304 is merged into. */
  received: Fields
  /** The head to send, preformatted by respond/assemble: see `Block` there. */
  block: Uint8Array
  /** How many bytes of `block` make the head of a 304 (a prefix). */
  notModifiedBytes: number
  body: Uint8Array
}
