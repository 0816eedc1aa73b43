// What is known of a stored response in one bit each: tested on hits, where nothing else is read.

/** Bits of `Entry.flags`. */
export const EntryFlag = {
  /** `no-cache`: never used without asking the origin (RFC 9111 5.2.2.4). */
  alwaysValidate: 1,
  /** `must-revalidate`, `proxy-revalidate` or `s-maxage`: never served stale (RFC 9111 4.2.4). */
  mustRevalidate: 2,
  /** The origin put it into groups (RFC 9875), which may have been invalidated since. */
  grouped: 4,
  /** It is in no coding, and may be served in one. */
  compressible: 8,
  /** It is in one coding, in which all would get it, and may be decoded for who does not take it. */
  coded: 16,
  /** A picture, which may be served in other sizes and formats. */
  image: 128,
  /** Of a form made of another: it was not worth it, and stands for that. */
  useless: 32,
  /** Of a form made of another: as small as it gets. */
  smallest: 64,
  /** Clients were told to keep it as a dictionary (RFC 9842). */
  dictionary: 256,
} as const
