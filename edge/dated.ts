// Whose Date an answer bears: that of the response which is stored or passed on, where the engine lets us say it, and the
// time of receipt where that has none (RFC 9110 6.6.1). An engine that does not is not made to pay for it.
import type { Answer } from './cache/answer.js'
import type { ResponseEntry } from './cache/entry.js'
import type { Exchange } from './exchange.js'
import { formatDate } from './http/dates.js'
import { dateValueMs } from './http/freshness.js'
import type { Head } from './respond/responder.js'

type Asker = Pick<Exchange, 'responder'>

/** The head of what is stored. */
export function datedAsStored(
  { responder }: Asker,
  head: Head,
  entry: Pick<ResponseEntry, 'received' | 'storedAtMs'>,
): Head {
  if (responder.tellsDate === undefined) return head
  return { ...head, date: formatDate(dateValueMs(entry.received, entry.storedAtMs)) }
}

/** The head of what has just come. */
export function datedAsReceived(
  { responder }: Asker,
  head: Head,
  answer: Pick<Answer, 'fields' | 'receivedMs'>,
): Head {
  if (responder.tellsDate === undefined) return head
  return { ...head, date: formatDate(dateValueMs(answer.fields, answer.receivedMs)) }
}
