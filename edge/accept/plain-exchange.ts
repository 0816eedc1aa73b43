// The exchange of a plain request (known-heads.ts): a GET or a HEAD without a body. Its fields are read when somebody asks
// for them, which a hit seldom does, or at the latest when the engine's request is about to go.
import type { HttpRequest } from 'uWebSockets.js'
import type { HeadScanner } from '../../native/index.js'
import type { Exchange, Followed, FramingFields, KnownTarget, Result } from '../exchange.js'
import type { ForwardReason } from '../http/cache-status.js'
import type { Framing } from '../http/framing.js'
import type { Scheme } from '../http/host.js'
import type { ImageWork } from '../optimise/image-request.js'
import type { Responder } from '../respond/responder.js'
import type { Site } from './sites.js'
import type { Upload } from './upload.js'

const noBody: Framing = Object.freeze({ kind: 'none' })
const noFraming: FramingFields = Object.freeze({
  contentLengths: 0,
  contentLength: undefined,
  transferEncodings: 0,
  transferEncoding: undefined,
})

export class PlainExchange implements Exchange {
  method = 'GET'
  readonly framing = noFraming
  hostLines = 1
  hostField = ''
  marks = 0
  acceptEncoding: string | undefined = undefined
  upload: Upload | undefined = undefined
  clientAddress = ''
  target: string
  body = noBody
  host = ''
  authority = ''
  site: Site | undefined = undefined
  image: ImageWork | undefined = undefined
  keyPrefix = ''
  key = ''
  storedKey = ''
  askFields: string[] | undefined = undefined
  followed: Followed | undefined = undefined
  reason: ForwardReason = 'request'
  status = 0
  result: Result = 'refused'
  detail = ''
  originUrl = ''
  form = ''
  isFinished = false
  readonly #request: HttpRequest
  readonly #scanner: HeadScanner
  #fields: string[] | undefined = undefined
  /** Null: it has none. */
  #lines: string | null | undefined = undefined
  #hasConnection = false

  constructor(
    request: HttpRequest,
    scanner: HeadScanner,
    readonly responder: Responder,
    readonly known: KnownTarget,
    public nowMs: number,
    readonly startedMs: number,
    readonly scheme: Scheme,
  ) {
    this.#request = request
    this.#scanner = scanner
    this.target = known.received
  }

  /** Throws when nobody has asked before the engine's request went: `keepFields` is there for that. */
  get fields(): string[] {
    return this.#fields ?? this.#read()
  }

  ordinaryLines(): string | undefined {
    if (this.#lines === undefined) {
      this.#lines = this.#scanner.lines(this.#request) ?? null
      this.#hasConnection = this.#scanner.places[3] === 1
    }
    return this.#lines ?? undefined
  }

  keepFields(): void {
    if (this.ordinaryLines() === undefined) this.#fields ?? this.#read()
  }

  #read(): string[] {
    const isKept = typeof this.#lines === 'string'
    this.#fields = isKept ? this.#fieldsOf(this.#lines as string) : this.#readRequest()
    return this.#fields
  }

  #readRequest(): string[] {
    const fields: string[] = []
    this.#request.forEach((name, value) => {
      fields.push(name, value)
    })
    return fields
  }

  #fieldsOf(lines: string): string[] {
    const fields = ['host', this.hostField]
    if (this.#hasConnection) fields.push('connection', 'keep-alive')
    for (let at = 0; at < lines.length; ) {
      const colon = lines.indexOf(':', at)
      const end = lines.indexOf('\r\n', colon)
      fields.push(lines.slice(at, colon), lines.slice(colon + 2, end))
      at = end + 2
    }
    return fields
  }
}
