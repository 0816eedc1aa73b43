// Puts one request to the origins of its site: what is asked, of which origin, and once more of another one when the
// first try cannot have had any effect. How it travels is send.ts's.
import { performance } from 'node:perf_hooks'
import type { EdgeError } from '../error.js'
import type { Exchange } from '../exchange.js'
import { allValues, type Fields } from '../http/fields.js'
import { splitList } from '../http/tokens.js'
import { CONDITIONS } from '../http/validators.js'
import type { AnswerHandler } from './answer-handler.js'
import { buildAsk, type Wanted } from './build-ask.js'
import type { Connection } from './connection.js'
import type { KnownAnswer } from './known-answer.js'
import type { Origin } from './origin.js'
import { noGoodOrigin, originBusy } from './origin-error.js'
import type { Origins } from './origins.js'
import type { Outlet } from './outlet.js'
import { type Ask, type Sending, send } from './send.js'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Before the accepting call returns, or for one that has followed another: it reads the request's fields. */
export function ask(x: Exchange, wanted: Wanted, identity: string, handler: AnswerHandler): Asking {
  const asked = buildAsk(x, wanted, identity)
  const asking = new Asking(x, asked, handler)
  asking.start()
  return asking
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

  onKnownHead(known: KnownAnswer): boolean {
    const { status } = known
    const origin = this.#tried.at(-1)!
    if (origin.isFailure(status) || this.#origins.isRetried(status)) return false
    this.#hasBegun = this.#handler.onKnownHead?.(known) === true
    if (this.#hasBegun) this.#origins.succeeded(origin)
    return this.#hasBegun
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

  get outlet(): Outlet | undefined {
    return this.#handler.outlet
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
    if (originHost === undefined && originHostPolicy === 'origin') nameHost(this.#ask, origin.authority)
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

function nameHost({ ordinary, fields }: Ask, host: string): void {
  if (ordinary === undefined) fields[1] = host
  else ordinary.host = host
}

function withoutConditions(fields: readonly string[]): string[] {
  return fields.filter((_, at) => !CONDITIONS.includes(fields[at - (at % 2)].toLowerCase()))
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
