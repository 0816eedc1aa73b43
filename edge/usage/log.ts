// One access-log line per request, when its answer ended or its client was lost.

import type { EdgeConfig } from '../../config/settings.js'
import type { Exchange } from '../exchange.js'
import { firstValue } from '../http/fields.js'
import { traceIdOf } from '../http/trace-context.js'
import type { Logger } from './logger.js'
import { type Privacy, shownAddress, shownTarget } from './privacy.js'

/** Longer values of a client are cut in the log: a line stays within one write (logger.ts), whatever it says. */
const textMax = 1_024
const userAgentMax = 512
const nameMax = 128
/** What JSON writes as it is. Anything else may take up to six bytes. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/
const escapedBytesMax = 6

/** Body bytes, or those of messages. */
export interface Moved {
  readonly bytesIn: number
  readonly bytesOut: number
}

function movedBy(x: Exchange): Moved {
  return { bytesIn: x.upload?.bytesIn ?? 0, bytesOut: x.responder.bodyBytesOut }
}

export type AccessLogOptions = Privacy & Pick<EdgeConfig['log'], 'accessEvery'>

export class AccessLog {
  readonly #log: Logger
  readonly #options: AccessLogOptions
  #sinceLast = 0

  constructor(log: Logger, options: AccessLogOptions) {
    this.#log = log
    this.#options = options
  }

  /** Of the good ones each `accessEvery`th, of what failed all. `nowMs`: monotonic. */
  write(x: Exchange, completed: boolean, nowMs: number, moved: Moved = movedBy(x)): void {
    if (++this.#sinceLast < this.#options.accessEvery && x.status < 500 && x.result !== 'error') return
    if (this.#sinceLast >= this.#options.accessEvery) this.#sinceLast = 0
    logAccess(this.#log, x, completed, nowMs, moved, this.#options)
  }
}

function logAccess(
  log: Logger,
  x: Exchange,
  completed: boolean,
  nowMs: number,
  { bytesIn, bytesOut }: Moved,
  privacy: Privacy,
): void {
  log.info(
    {
      client: shownAddress(x.clientAddress, privacy) || undefined,
      method: cutText(x.method, nameMax),
      host: x.host || cutText(x.hostField, nameMax),
      target: cutText(shownTarget(x.target, privacy)),
      status: x.status,
      result: x.result,
      detail: x.detail || undefined,
      form: x.form || undefined,
      site: x.site?.name,
      origin: x.originUrl || undefined,
      bytesIn,
      bytesOut,
      durationMs: Math.round((nowMs - x.startedMs) * 1000) / 1000,
      completed,
      userAgent: cutText(firstValue(x.fields, 'user-agent') ?? '', userAgentMax),
      trace: traceIdOf(x.fields),
    },
    'access',
  )
}

/** `text` when its JSON form has at most `bytesMax` bytes for sure, else its beginning. */
export function cutText(text: string, bytesMax = textMax): string {
  if (text.length * escapedBytesMax <= bytesMax) return text
  const charactersMax = plain.test(text) ? bytesMax : Math.floor(bytesMax / escapedBytesMax)
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text
}
