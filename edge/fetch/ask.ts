// Puts one request to the origins of its site: what is asked, of which origin, and once more of another one when the
// first try cannot have had any effect. How it travels is send.ts's.
import type { EdgeError } from '../error.js'
import type { Exchange } from '../exchange.js'
import { requestToOrigin } from '../http/forward.js'
import { CONDITIONS } from '../http/validators.js'
import { fieldBytes } from './field-bytes.js'
import { originBusy } from './origin-error.js'
import type { Origin } from './origins.js'
import { type AnswerHandler, type Ask, type Sending, send } from './send.js'

/** `whole`: the response as it is, for storing, without the client's own conditions and range. */
export type Wanted = { kind: 'asAsked' } | { kind: 'whole'; conditions: string[] }

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Before the accepting call returns, or for one that has followed another: it reads the request's fields. */
export function ask(x: Exchange, wanted: Wanted, identity: string, handler: AnswerHandler): Asking {
  const asked = build(x, wanted, identity)
  const asking = new Asking(x, asked, handler)
  asking.start(undefined)
  return asking
}

function build(x: Exchange, wanted: Wanted, identity: string): Ask {
  const site = x.site!.config
  x.clientAddress ||= x.responder.clientAddress()
  const isWhole = wanted.kind === 'whole'
  const fields = requestToOrigin({
    fields: x.followed?.fields ?? fieldBytes(x),
    method: x.method,
    host: site.originHost ?? x.authority,
    clientAddress: x.clientAddress,
    scheme: 'http',
    originalHost: x.authority,
    cdnId: identity,
    forwardedFor: site.forwardedFor,
    conditions: isWhole ? wanted.conditions : [],
    dropConditions: isWhole,
    dropRange: isWhole,
  })
  const bodyBytes = x.upload !== undefined && x.body.kind === 'length' ? x.body.length : undefined
  return {
    method: x.method,
    target: x.target,
    fields,
    body: x.upload,
    bodyBytes,
    totalMs: site.timeouts.totalMs,
  }
}

export class Asking implements Sending, AnswerHandler {
  readonly #x: Exchange
  #ask: Ask
  readonly #handler: AnswerHandler
  #sending: Sending | undefined
  #origin: Origin | undefined
  #tries = 0
  #over = false

  constructor(x: Exchange, asked: Ask, handler: AnswerHandler) {
    this.#x = x
    this.#ask = asked
    this.#handler = handler
  }

  start(except: Origin | undefined): void {
    this.#tries += 1
    const origin = this.#x.site!.origins.pick(except)
    this.#origin = origin
    this.#x.originUrl = origin.url
    if (!origin.hasRoom()) return this.onError(originBusy(origin.url))
    this.#sending = send(origin, this.#ask, this)
  }

  resume(): void {
    this.#sending?.resume()
  }

  abort(): void {
    this.#over = true
    this.#sending?.abort()
  }

  /** Drops the answer that has begun and asks once more, for the whole whatever is stored. */
  askUnconditionally(): void {
    this.#sending?.abort()
    this.#ask = { ...this.#ask, fields: withoutConditions(this.#ask.fields) }
    this.#tries = 0
    this.start(undefined)
  }

  onHead(status: number, fields: readonly string[]): void {
    // From here on the answer has begun: no second try.
    this.#tries = triesMax
    this.#handler.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    return this.#handler.onBody(chunk)
  }

  onEnd(): void {
    this.#handler.onEnd()
  }

  onError(error: EdgeError): void {
    if (this.#over) return
    if (this.#tries < triesMax && mayRetry(this.#ask, error)) {
      // Where one connection was closed while it was unused, the others will be, too.
      this.#ask.isFresh = true
      return this.start(this.#origin)
    }
    this.#handler.onError(error)
  }
}

const triesMax = 2

function withoutConditions(fields: readonly string[]): string[] {
  return fields.filter((_, at) => !CONDITIONS.includes(fields[at - (at % 2)].toLowerCase()))
}

/**
 * RFC 9110 9.2.2: safe methods may be repeated after a connection was closed under them, which is what an idle
 * connection in the pool does now and then; others only when nothing was sent. A body is gone once it was read.
 */
function mayRetry(asked: Ask, error: EdgeError): boolean {
  if (asked.body?.readableDidRead) return false
  if (error.retry) return true
  if (asked.body !== undefined) return false
  return safeMethods.has(asked.method) && (error.code === 'origin-closed' || error.code === 'origin-reset')
}
