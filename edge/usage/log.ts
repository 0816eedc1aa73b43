// One access-log line per request, when its answer ended or its client was lost.
import type { Exchange } from '../exchange.js'
import { firstValue } from '../http/fields.js'
import type { Logger } from './logger.js'

/** Longer values of a client are cut in the log: a line stays within one write. */
const textMax = 1_024

export function logAccess(log: Logger, x: Exchange, completed: boolean, nowMs: number): void {
  log.info(
    {
      client: x.clientAddress,
      method: cut(x.method),
      host: x.host || cut(x.hostField),
      target: cut(x.target),
      status: x.status,
      result: x.result,
      detail: x.detail || undefined,
      site: x.site?.name,
      origin: x.originUrl || undefined,
      bytesIn: x.upload?.bytesIn ?? 0,
      bytesOut: x.responder.bodyBytesOut,
      durationMs: Math.round((nowMs - x.startedMs) * 1000) / 1000,
      completed,
      userAgent: cut(firstValue(x.fields, 'user-agent') ?? ''),
    },
    'access',
  )
}

function cut(text: string): string {
  return text.length > textMax ? `${text.slice(0, textMax)}...` : text
}
