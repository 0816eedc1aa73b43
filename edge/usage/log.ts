// One access-log line per request, when its answer ended or its client was lost.

import type { EdgeConfig } from '../../config/settings.js'
import type { Exchange } from '../exchange.js'
import { firstValue } from '../http/fields.js'
import { traceIdOf } from '../http/trace-context.js'
import { baseTextOf, type Logger } from './logger.js'
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

/** JSON up to the time, and from there to the client; one line for each so many answers. */
export interface LineFrame {
  before: string
  between: string
  every: number
}

export class AccessLog {
  readonly #log: Logger
  readonly #options: AccessLogOptions
  #sinceLast = 0
  /** Lines of others, which come before those that are written now. */
  before: (() => void) | undefined

  constructor(log: Logger, options: AccessLogOptions) {
    this.#log = log
    this.#options = options
  }

  /** Of the good ones each `accessEvery`th, of what failed all. `nowMs`: monotonic. */
  write(x: Exchange, completed: boolean, nowMs: number, moved: Moved = movedBy(x)): void {
    if (++this.#sinceLast < this.#options.accessEvery && x.status < 500 && x.result !== 'error') return
    if (this.#sinceLast >= this.#options.accessEvery) this.#sinceLast = 0
    this.before?.()
    this.#log.info(fieldsOf(x, completed, nowMs, moved, this.#options), 'access')
  }

  /** What lines are that somebody else writes: undefined when there are none to be written. */
  get frame(): LineFrame | undefined {
    const log = this.#log
    if (!log.isLevelEnabled('info')) return undefined
    return {
      before: `{"level":${log.levels.values.info},"time":`,
      between: baseTextOf(log),
      every: this.#options.accessEvery,
    }
  }

  /** What stands first in the line of a client. */
  clientPart(address: string): string {
    const shown = shownAddress(address, this.#options)
    return shown && `,"client":${JSON.stringify(shown)}`
  }

  /** What comes then, the same for all who ask what `x` did and are answered as it was. */
  answerPart(x: Exchange): string {
    const { client, bytesOut, durationMs, completed, userAgent, trace, ...same } = fieldsOf(
      ...([x, true, 0, movedBy(x), this.#options] as const),
    )
    return `,${JSON.stringify(same).slice(1, -1)}`
  }
}

function fieldsOf(
  x: Exchange,
  completed: boolean,
  nowMs: number,
  { bytesIn, bytesOut }: Moved,
  privacy: Privacy,
) {
  return {
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
  }
}

/** `text` when its JSON form has at most `bytesMax` bytes for sure, else its beginning. */
export function cutText(text: string, bytesMax = textMax): string {
  if (text.length * escapedBytesMax <= bytesMax) return text
  const charactersMax = plain.test(text) ? bytesMax : Math.floor(bytesMax / escapedBytesMax)
  return text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text
}
