// Puts one request to the origins of its site: what is asked, of which origin, and once more of another one when the
// first try cannot have had any effect. How it travels is send.ts's.
import type { EdgeError } from '../error.js'
import type { Exchange } from '../exchange.js'
import { allValues, type Fields } from '../http/fields.js'
import { requestToOrigin } from '../http/forward.js'
import type { ByteRange } from '../http/ranges.js'
import { splitList } from '../http/tokens.js'
import { CONDITIONS } from '../http/validators.js'
import { handshakeToOrigin, offeredProtocols } from '../http/web-socket.js'
import type { Connection } from './connection.js'
import { fieldBytes } from './field-bytes.js'
import type { Origin } from './origin.js'
import { noGoodOrigin, originBusy } from './origin-error.js'
import type { Origins } from './origins.js'
import { type AnswerHandler, type Ask, type Sending, send } from './send.js'
import { acceptOf, newKey } from './web-socket/key.js'

/** `whole`: the response as it is, for storing, without the client's own conditions and range; or just that `range`. */
export type Wanted =
  | { kind: 'asAsked' }
  | { kind: 'whole'; conditions: string[]; range?: ByteRange | undefined }
  | { kind: 'webSocket' }

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Before the accepting call returns, or for one that has followed another: it reads the request's fields. */
export function ask(x: Exchange, wanted: Wanted, identity: string, handler: AnswerHandler): Asking {
  const asked = build(x, wanted, identity)
  const asking = new Asking(x, asked, handler)
  asking.start()
  return asking
}

function build(x: Exchange, wanted: Wanted, identity: string): Ask {
  const site = x.site!.config
  x.clientAddress ||= x.responder.clientAddress()
  const isWhole = wanted.kind === 'whole'
  const lines = wanted.kind === 'webSocket' ? undefined : ordinaryLines(x)
  if (lines === undefined) x.askFields ??= fieldBytes(x)
  const fields = requestToOrigin({
    fields: lines === undefined ? x.askFields! : [],
    method: x.method,
    host: site.originHost ?? x.authority,
    clientAddress: x.clientAddress,
    scheme: x.scheme,
    originalHost: x.authority,
    cdnId: identity,
    forwardedFor: site.forwardedFor,
    conditions: isWhole ? [...wanted.conditions, ...rangeLines(wanted.range)] : [],
    dropConditions: isWhole,
    dropRange: isWhole,
    dropped: x.method === 'GET' || x.method === 'HEAD' ? x.site!.rules.dropped : undefined,
  })
  const bodyBytes = x.upload !== undefined && x.body.kind === 'length' ? x.body.length : undefined
  const asked: Ask = {
    method: x.method,
    target: targetOf(x, site.originPath),
    fields,
    lines,
    body: x.upload,
    bodyBytes,
    totalMs: site.timeouts.totalMs,
    endsAtMs: performance.now() + site.timeouts.totalMs,
  }
  return wanted.kind === 'webSocket' ? asHandshake(asked) : asked
}

/** What the client said, as it came, when nothing of it is for us or kept back. */
function ordinaryLines(x: Exchange): string | undefined {
  return x.site!.rules.dropsExtensionsOnly ? x.ordinaryLines?.() : undefined
}

function rangeLines(range: ByteRange | undefined): string[] {
  return range === undefined ? [] : ['Range', `bytes=${range.first}-${range.last}`]
}

/** RFC 6455 4.1: with a key of our own, as the connection is another one. */
function asHandshake(asked: Ask): Ask {
  const key = newKey()
  const protocols = offeredProtocols(asked.fields)
  const fields = handshakeToOrigin(asked.fields, key, protocols)
  return { ...asked, fields, handshake: { accept: acceptOf(key), protocols } }
}

export class Asking implements AnswerHandler {
  readonly #x: Exchange
  readonly #origins: Origins
  #ask: Ask
  readonly #handler: AnswerHandler
  #sending: Sending | undefined
  /** Those asked so far, the one asked now last. */
  #tried: Origin[] = []
  /** The answer is the handler's: no other try. */
  #hasBegun = false
  #isOver = false

  constructor(x: Exchange, asked: Ask, handler: AnswerHandler) {
    this.#x = x
    this.#origins = x.site!.origins
    this.#ask = asked
    this.#handler = handler
  }

  start(): void {
    this.#origins.budget.earn()
    this.#startWith(this.#origins.pick(this.#x.key, this.#tried))
  }

  resume(): void {
    this.#sending?.resume()
  }

  abort(): void {
    this.#isOver = true
    this.#sending?.abort()
  }

  /** Drops the answer that has begun and asks once more, for the whole whatever is stored. */
  askUnconditionally(): void {
    this.#sending?.abort()
    this.#ask = { ...this.#ask, fields: withoutConditions(this.#ask.fields) }
    this.#tried = []
    this.#hasBegun = false
    this.start()
  }

  onInterim(status: number, fields: Fields): void {
    if (status === 103) this.#x.responder.sendEarlyHints?.(linksOf(fields))
  }

  onHead(status: number, fields: Fields): void {
    const origin = this.#tried.at(-1)!
    if (origin.isFailure(status)) this.#origins.failed(origin, `status-${status}`)
    else this.#origins.succeeded(origin)
    const mayAskAnother = this.#origins.isRetried(status) && isRepeatable(this.#ask)
    if (mayAskAnother && this.#askAgain(false)) return
    this.#hasBegun = true
    this.#handler.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    return this.#handler.onBody(chunk)
  }

  onEnd(): void {
    this.#handler.onEnd()
  }

  onSwitch(fields: Fields, rest: Buffer, connection: Connection): void {
    this.#origins.succeeded(this.#tried.at(-1)!)
    this.#hasBegun = true
    this.#handler.onSwitch?.(fields, rest, connection)
  }

  onError(error: EdgeError): void {
    if (this.#isOver) return
    if (this.#wasClosedUnused(error)) return this.#askFresh()
    if (countsAgainst(error)) this.#origins.failed(this.#tried.at(-1)!, error.code)
    const mayAskAgain = !this.#hasBegun && mayRetry(this.#ask, error)
    if (mayAskAgain && this.#askAgain(error.retry || wasClosed(error))) return
    this.#handler.onError(error)
  }

  /** An origin closes a free connection when it likes, also just when it is used: that is no failure of it. */
  #wasClosedUnused(error: EdgeError): boolean {
    if (this.#hasBegun || this.#sending?.isReused !== true) return false
    return wasClosed(error) && mayRetry(this.#ask, error)
  }

  /** The same one, over a new connection: where one was closed while it was free, the others will be, too. */
  #askFresh(): void {
    this.#ask.isFresh = true
    this.#send(this.#tried.at(-1)!)
  }

  /** Once more, of another origin, or of the same one once if that may help; false when it is not to be. */
  #askAgain(mayBeSame: boolean): boolean {
    const next = this.#origins.pick(this.#x.key, this.#tried)
    if (next === undefined) return false
    if (this.#tried.includes(next) && !(mayBeSame && this.#tried.length === 1)) return false
    if (this.#tried.length >= this.#triesMax || !this.#origins.budget.spend(performance.now())) return false
    next.retries += 1
    this.#sending?.abort()
    this.#startWith(next)
    return true
  }

  get #triesMax(): number {
    return this.#x.site!.config.retries.triesMax
  }

  #startWith(origin: Origin | undefined): void {
    if (origin === undefined) return this.#handler.onError(noGoodOrigin(this.#x.site!.name))
    this.#tried.push(origin)
    this.#x.originUrl = origin.url
    // Which have room was looked at when it was picked: no other has any either.
    if (!origin.hasRoom()) return this.#handler.onError(originBusy(origin.url))
    this.#send(origin)
  }

  #send(origin: Origin): void {
    const { originHost, originHostPolicy } = this.#x.site!.config
    if (originHost === undefined && originHostPolicy === 'origin') this.#ask.fields[1] = origin.authority
    origin.requests += 1
    this.#sending = undefined
    this.#sending = send(origin, this.#ask, this)
  }
}
/** RFC 8288 3, as strictly as Node writes it: what else stands there is not for clients. */
const link = /^<[^>\x00-\x20\x7f-\xff]*>(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/

function linksOf(fields: Fields): string[] {
  return allValues(fields, 'link')
    .flatMap(splitList)
    .filter(value => link.test(value))
}

function withoutConditions(fields: readonly string[]): string[] {
  return fields.filter((_, at) => !CONDITIONS.includes(fields[at - (at % 2)].toLowerCase()))
}

/** RFC 9112 3.2.4: the asterisk form has no path. */
function targetOf({ target }: Exchange, originPath: string | undefined): string {
  return originPath === undefined || !target.startsWith('/') ? target : originPath + target
}

/** RFC 9110 9.2.2: to ask it twice has the effect of asking it once. A body is gone once it was read. */
function isRepeatable({ method, body }: Ask): boolean {
  return body === undefined && safeMethods.has(method)
}

/** What is repeatable may be repeated whatever went wrong; anything else only when nothing of it was sent. */
function mayRetry(asked: Ask, error: EdgeError): boolean {
  if (error.source !== 'origin' || error.code === 'total-timeout') return false
  if (asked.body?.readableDidRead) return false
  return error.retry || isRepeatable(asked)
}

function wasClosed({ code }: EdgeError): boolean {
  return code === 'origin-closed' || code === 'origin-reset' || code === 'connect-failed'
}

/** Its own failures: not that we have no room for it, nor that a client with all its time was too slow. */
const notItsFault: ReadonlySet<string> = new Set(['origin-busy', 'total-timeout'])

function countsAgainst(error: EdgeError): boolean {
  return error.source === 'origin' && !notItsFault.has(error.code)
}
