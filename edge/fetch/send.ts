// Sends one request to one origin and reports what comes back, each event once. For now through undici's `dispatch`
// (its low-level handler, which gives the raw fields); an own client takes its place behind the same interface.
// What to send is forward.ts's and ask.ts's; what the answer means is the path's.
import type { Dispatcher } from 'undici'
import type { Upload } from '../accept/upload.js'
import { EdgeError } from '../error.js'
import { combinedValue, type Fields } from '../http/fields.js'
import { mayHaveBody } from '../http/status.js'
import { originError, totalTimeout } from './origin-error.js'
import type { Origin } from './origins.js'

/** One request as the origin gets it: fields complete but for the framing, which the client writes. */
export interface Ask {
  method: string
  target: string
  fields: string[]
  body: Upload | undefined
  /** Length of `body` when it is known; otherwise it goes chunked. */
  bodyBytes: number | undefined
  totalMs: number
}

/** Events of one answer: head, body..., then end or error. After `abort` there are none. */
export interface AnswerHandler {
  onHead(status: number, fields: Fields): void
  /** The chunk is the receiver's to keep; false pauses the origin until `resume`. */
  onBody(chunk: Buffer): boolean
  onEnd(): void
  /** Once, instead of the end: before the head or in the middle of the body. */
  onError(error: EdgeError): void
}

export interface Sending {
  resume(): void
  abort(): void
}

/** RFC 9110 15.2: a client must be able to parse interim responses it did not ask for; not endlessly many. */
const interimMax = 16

export function send(origin: Origin, ask: Ask, handler: AnswerHandler): Sending {
  const sending = new UndiciSending(origin, handler, ask.totalMs)
  const fields =
    ask.bodyBytes === undefined ? ask.fields : [...ask.fields, 'content-length', String(ask.bodyBytes)]
  origin.pool.dispatch(
    {
      method: ask.method as Dispatcher.HttpMethod,
      path: ask.target,
      headers: fields,
      body: ask.body ?? null,
    },
    sending,
  )
  return sending
}

class UndiciSending implements Sending, Dispatcher.DispatchHandler {
  readonly #origin: Origin
  readonly #handler: AnswerHandler
  readonly #timer: NodeJS.Timeout
  #over = false
  /** Whether it has its place in `origin.active`: until the client lets go, which in its queue is not at once. */
  #isCounted = true
  #interim = 0
  #abort: ((error?: Error) => void) | undefined
  #resume: (() => void) | undefined

  constructor(origin: Origin, handler: AnswerHandler, totalMs: number) {
    this.#origin = origin
    this.#handler = handler
    this.#timer = setTimeout(() => this.#fail(totalTimeout(totalMs)), totalMs)
    origin.active += 1
  }

  resume(): void {
    this.#resume?.()
  }

  abort(): void {
    if (this.#over) return
    this.#finish()
    this.#abort?.()
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#over) abort()
    else this.#abort = abort
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.#over) return true
    this.#resume = resume
    if (status < 200) {
      this.#interim += 1
      if (this.#interim > interimMax) this.#fail(badResponse(`more than ${interimMax} interim responses`))
      return true
    }
    const fields = raw.map(bytes => bytes.toString('latin1'))
    if (hasForeignCoding(fields)) this.#fail(badResponse('a transfer coding that was not asked for'))
    else this.#handler.onHead(status, fields)
    // RFC 9112 6.3: nothing can follow, though a Content-Length may say so; undici would wait for a body.
    if (!mayHaveBody(status)) this.onComplete()
    return true
  }

  onData(chunk: Buffer): boolean {
    return this.#over || this.#handler.onBody(chunk)
  }

  onComplete(): void {
    this.#leave()
    if (this.#over) return
    this.#finish()
    this.#handler.onEnd()
  }

  onError(error: Error): void {
    this.#leave()
    if (this.#over) return
    this.#finish()
    this.#handler.onError(originError(error, this.#origin.url))
  }

  #fail(error: EdgeError): void {
    if (this.#over) return
    this.#finish()
    this.#abort?.(error)
    this.#handler.onError(error)
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  #leave(): void {
    if (this.#isCounted) this.#origin.active -= 1
    this.#isCounted = false
  }
}

/** Any Transfer-Encoding but exactly `chunked` (RFC 9112 6.1): the client does not undo it, and drops the field. */
function hasForeignCoding(fields: Fields): boolean {
  return (combinedValue(fields, 'transfer-encoding') ?? 'chunked').toLowerCase() !== 'chunked'
}

function badResponse(message: string): EdgeError {
  return new EdgeError('bad-response', message, { source: 'origin', status: 502 })
}
