// Reads plain requests of the engine uws without asking it for each name and value: what their target, Host and
// Accept-Encoding are was read when they came for the first time. All others are read.ts's. Both make the same exchange.
import type { HttpRequest } from 'uWebSockets.js'
import { type HeadScanner, Seen } from '../../native/index.js'
import type { KnownTarget } from '../exchange.js'
import type { Scheme } from '../http/host.js'
import { normaliseTarget } from '../http/target.js'
import type { Responder } from '../respond/responder.js'
import { PlainExchange } from './plain-exchange.js'

const marksMask = 0xffff

export class KnownHeads {
  readonly socketOf: HeadScanner['socketOf']
  readonly #scanner: HeadScanner
  readonly #places: Uint32Array
  // By slot.
  readonly #targets: KnownTarget[] = []
  readonly #hosts: string[] = []
  readonly #codings: string[] = []

  constructor(scanner: HeadScanner) {
    this.#scanner = scanner
    this.socketOf = scanner.socketOf
    this.#places = scanner.places
  }

  /** Undefined for what is to be read whole. */
  read(
    request: HttpRequest,
    responder: Responder,
    nowMs: number,
    startedMs: number,
    scheme: Scheme,
  ): PlainExchange | undefined {
    const seen = this.#scanner.scan(request)
    if (seen >= Seen.odd) return undefined
    if ((seen & (Seen.isNewTarget | Seen.isNewHost | Seen.isNewCodings)) !== 0) this.#learn(seen, request)
    const known = (seen & Seen.isStrange) === 0 ? this.#targets[this.#places[0]!]! : knownTarget(request)
    const x = new PlainExchange(request, this.#scanner, responder, known, nowMs, startedMs, scheme)
    x.method = (seen & Seen.isHead) === 0 ? 'GET' : 'HEAD'
    x.marks = seen & marksMask
    x.hostField = this.#hosts[this.#places[1]!]!
    if ((seen & Seen.hasCodings) !== 0) x.acceptEncoding = this.#codings[this.#places[2]!]!
    return x
  }

  /** Plain texts are ASCII: whoever decodes them gets the same. */
  #learn(seen: number, request: HttpRequest): void {
    const [target, host, codings] = this.#places as Uint32Array & [number, number, number]
    if ((seen & Seen.isNewTarget) !== 0) this.#targets[target] = knownTarget(request)
    if ((seen & Seen.isNewHost) !== 0) this.#hosts[host] = request.getHeader('host')
    if ((seen & Seen.isNewCodings) !== 0) this.#codings[codings] = request.getHeader('accept-encoding')
  }
}

function knownTarget(request: HttpRequest): KnownTarget {
  const path = request.getUrl()
  const query: string | undefined = request.getQuery()
  const received = query === undefined ? path : `${path}?${query}`
  return { received, normalised: normaliseTarget(received), keyPrefix: '', key: '' }
}
