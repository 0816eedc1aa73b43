// All that is known about one request so far. The stages share nothing else; each fills in its own part.

import type { Site } from './accept/sites.js'
import type { Upload } from './accept/upload.js'
import type { ForwardReason } from './http/cache-status.js'
import type { Framing } from './http/framing.js'
import type { Scheme } from './http/host.js'
import type { ImageWork } from './optimise/image-request.js'
import type { Responder } from './respond/responder.js'

/** Bits of `Exchange.marks`: which fields that change the path were seen while reading. */
export const Mark = {
  /** If-None-Match or If-Modified-Since. */
  conditional: 1,
  /** If-Match or If-Unmodified-Since. */
  precondition: 2,
  range: 4,
  /** `Connection: close`, or the answer must end the connection for our own safety. */
  close: 8,
  /** Expect other than 100-continue. */
  expectUnknown: 16,
  /** Cache-Control or Pragma. */
  cacheControl: 32,
  /** It is the opening handshake of a WebSocket. */
  webSocket: 64,
  /** What is stored for it was purged: found in the look-up, not in the request. */
  purged: 128,
  /** The listener takes only bodies whose length is known. */
  lengthRequired: 256,
  /** The engine has checked the framing of its body to the end. */
  framingChecked: 512,
  /** It is of a version of HTTP that nobody has defined for this connection. */
  versionUnknown: 1024,
} as const

/** What the framing fields of the request said, line by line; judged by http/framing. */
export interface FramingFields {
  contentLengths: number
  contentLength: string | undefined
  transferEncodings: number
  transferEncoding: string | undefined
}

/** How the exchange ended, for the log and the counters: one word, the same everywhere. */
export type Result =
  | 'hit'
  | 'stale'
  | 'miss'
  | 'collapsed'
  | 'expired'
  | 'revalidated'
  | 'pass'
  | 'refused'
  | 'error'

/** What a request that follows another's fetch keeps for asking itself after all. */
export interface Followed {
  /** Until when it follows at all: monotonic clock, milliseconds. */
  readonly untilMs: number
  /** Fetches that failed under it. */
  failures: number
}

/** A target that was asked for before, and what came of it. */
export interface KnownTarget {
  readonly received: string
  /** Undefined when it is none. */
  readonly normalised: string | undefined
  /** The last one that it had a key with, and that key. */
  keyPrefix: string
  key: string
}

export interface Exchange {
  // accept.read
  /** Wall clock, milliseconds, read once at accept and once more when the origin answers: what decisions go by. */
  nowMs: number
  /** Monotonic clock at accept, milliseconds; 0 when no access log wants a duration. */
  readonly startedMs: number
  readonly scheme: Scheme
  readonly method: string
  /** All fields as received, names in lower case; values as the engine decoded them (UTF-8). */
  readonly fields: string[]
  readonly framing: FramingFields
  hostLines: number
  hostField: string
  marks: number
  /** Accept-Encoding, its lines joined. */
  readonly acceptEncoding: string | undefined
  readonly responder: Responder
  readonly known: KnownTarget | undefined
  /** To be called before the engine's request goes, unless the exchange is over by then. */
  keepFields?: (() => void) | undefined
  /**
   * The lines of all its fields but Host and Connection, with names in lower case, when an origin may have them as they are
   * and none asks for anything on the way: no conditions, range, credentials or list of proxies. Only before the engine's
   * request goes, or when it was called before.
   */
  ordinaryLines?: (() => string | undefined) | undefined
  upload: Upload | undefined
  /** The peer's address; '' until something asked for it while the client was there. */
  clientAddress: string

  // accept.normalise, accept.route
  /** Where the request's body ends; `none` until it was judged. */
  body: Framing
  /** Path and query: as received, then normalised; what is keyed is what the origin is asked. */
  target: string
  /** Normalised: lower case, without port. */
  host: string
  /** `host` and the port, unless it is the scheme's: what is keyed is what the origin is told. */
  authority: string
  site: Site | undefined

  /** The form that its query asks for of an image; the target is without it then. */
  image: ImageWork | undefined

  // cache.identify, cache.lookup
  /** What the keys of this host of the site begin with. */
  keyPrefix: string
  key: string
  /** Where the response found is kept: `key`, or one of its variants; '' when nothing was found. */
  storedKey: string

  // fetch.ask
  /** The request's fields as bytes, once they were read: the engine's request is gone by the time they may be wanted again. */
  askFields: string[] | undefined

  // fetch.collapse
  /** Set once it has followed the fetch of another. */
  followed: Followed | undefined

  /** Why the origin is asked, or 'request' while it is not (RFC 9211 2.2). */
  reason: ForwardReason

  // what came of it, for usage
  status: number
  result: Result
  /** One word more: the reason of a refusal or a failure, `detail` of Cache-Status. */
  detail: string
  originUrl: string
  /** The form that was asked for of an image, or in which the body went: `br`, `w400.inside.q50.auto-avif`. */
  form: string
  isFinished: boolean
}
