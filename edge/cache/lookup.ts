// Finds what is stored for a request: the response under its key, or among the variants of that key the one that the
// request selects. Synchronous.
import type { Exchange } from '../exchange.js'
import type { ResponseEntry } from './entry.js'
import { variantKey, variantOf } from './identify.js'
import type { Store } from './store.js'

/** `vary-miss`: the URL is stored, but not what this request selects (the words of RFC 9211). */
export type Found = ResponseEntry | 'uri-miss' | 'vary-miss'

/** Sets `x.storedKey` to where the response found is kept. */
export function lookup(x: Exchange, store: Store): Found {
  const entry = store.get(x.key, x.nowMs)
  if (entry === undefined) return 'uri-miss'
  if (entry.kind === 'response') {
    x.storedKey = x.key
    return entry
  }
  const key = variantKey(x.key, variantOf(entry.varyNames, x))
  const variant = store.get(key, x.nowMs)
  if (variant?.kind !== 'response') return 'vary-miss'
  x.storedKey = key
  return variant
}
