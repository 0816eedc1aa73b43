// A second look into the store, for a request that found nothing usable there while another worker was fetching it: what
// that one stored is read as if the request came now. What is done with the verdict is request.ts's.
import { decide, demandsOf, type Verdict } from './cache/decide.js'
import type { ResponseEntry } from './cache/entry.js'
import { lookup } from './cache/lookup.js'
import { withoutOutdated } from './cache/outdated.js'
import { isPurged } from './cache/purged.js'
import { isThere } from './cache/store.js'
import { deliver } from './deliver.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { cacheStatus } from './http/cache-status.js'

/** Sets `x.nowMs` and `x.storedKey`. Not while a view of the store is in use. */
export function lookAgain(edge: Edge, x: Exchange): Verdict {
  refresh(edge, x.key, x.storedKey)
  edge.admission.purges.obey()
  x.nowMs = Date.now()
  x.storedKey = ''
  const { method, marks } = x
  const { rules } = x.site!
  const demands = demandsOf(x, rules)
  const found = withoutOutdated(edge.admission, x, lookup(x, edge.store))
  return decide(found, { method, marks, hasBody: false, demands }, x.nowMs, rules, x.target)
}

/** Whether what was copied out of the store a while ago cannot be served any more: its body left, or it was purged. */
export function isLost({ store, admission }: Edge, x: Exchange, stored: ResponseEntry): boolean {
  return !isThere(store, stored) || isPurged(admission.purges, x, stored)
}

/** What may answer a request that waited: what a hit would use by now. Undefined: there is nothing. */
export function broughtMeanwhile(verdict: Verdict): ResponseEntry | undefined {
  return verdict.kind === 'fresh' || verdict.kind === 'stale' ? verdict.entry : undefined
}

/** Answers with what the fetch of another worker brought (RFC 9211 2.6). */
export function deliverCollapsed(edge: Edge, x: Exchange, entry: ResponseEntry): void {
  x.result = 'collapsed'
  if (edge.isDraining) x.responder.closeAfter = true
  deliver(
    edge,
    x,
    entry,
    cacheStatus(edge.config.cdnId, { kind: 'forwarded', reason: x.reason, collapsed: true }),
  )
}

/** Whether another response than `known` is under `key` by now. Ends the views of the store. */
export function isReplaced(edge: Edge, key: string, known: ResponseEntry): boolean {
  refresh(edge, key)
  const now = edge.store.get(key)
  return now?.kind === 'response' && now.storedAtMs > known.storedAtMs
}

function refresh({ store }: Edge, ...keys: string[]): void {
  store.refresh?.(keys.filter(key => key !== ''))
}
