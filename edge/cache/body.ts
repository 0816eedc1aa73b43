// A body that is read while it comes or from where it lies, by any number of readers at their own paces. Nothing is kept
// for a reader: what its client did not take is read again.

/** Somebody who reads a body. */
export interface BodyReader {
  /** How far it has read; its own to move. */
  readonly at: number
  /** There is more, or the end, or it broke: read on. */
  wake(): void
}

/** What a reader gets: bytes, valid until anybody reads again; nothing yet (`wake` follows); nothing any more. */
export type Piece = Uint8Array | 'later' | 'end' | 'broken'

export interface Body {
  /** All its bytes, if that is known. */
  readonly length: number | undefined
  /** `read` may be called for this reader from now on, at its `at`. */
  attach(reader: BodyReader): void
  /** Nothing is called any more. */
  detach(reader: BodyReader): void
  /** At most `bytesMax` bytes from the reader's `at` on. */
  read(reader: BodyReader, bytesMax: number): Piece
  /** A reader has moved on, and others may have waited for that. */
  progressed(): void
}
