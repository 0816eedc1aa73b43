// A request that goes on without its client: to refresh what was served stale, to fetch the blocks of an answer.
import type { Exchange } from './exchange.js'
import { SilentResponder } from './respond/silent.js'

/** Asks as the client did, for the whole, and tells nobody. Counted and logged it is with the request itself. */
export function behind(x: Exchange): Exchange {
  x.clientAddress ||= x.responder.clientAddress()
  return {
    ...x,
    fields: x.fields,
    known: undefined,
    method: 'GET',
    marks: 0,
    responder: new SilentResponder(),
    followed: undefined,
    isFinished: true,
  }
}
