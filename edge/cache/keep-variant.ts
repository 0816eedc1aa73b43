// Stores one variant of a URL, and the list that leads to it, bounded. Which variant a request selects is lookup.ts's.
import type { Exchange } from '../exchange.js'
import type { Fields } from '../http/fields.js'
import { encodeVariants } from './entry.js'
import { variantKey, variantOf } from './identify.js'
import type { Store } from './store.js'

/**
 * The variant first, then the list that leads to it: a store commits in the order it is asked, so a reader never finds
 * a list before its variant. All is asked at once, so that a store that closes now still takes the whole.
 */
export async function keepVariant(
  store: Store,
  x: Exchange,
  varyNames: readonly string[],
  record: Uint8Array,
  storedAtMs: number,
): Promise<void> {
  const variantsMax = x.site?.config.cache.variantsMax ?? 1
  const variant = variantOf(varyNames, x)
  const writes = [store.put(variantKey(x.key, variant), record)]
  const current = store.get(x.key)
  const isSame = current?.kind === 'variants' && isSameList(current.varyNames, varyNames)
  const known = isSame ? current.variants : []
  if (!known.includes(variant)) {
    const variants = [...known, variant]
    const left = variants.splice(0, Math.max(variants.length - variantsMax, 0))
    writes.push(store.put(x.key, encodeVariants({ varyNames, variants, storedAtMs })))
    for (const old of left) writes.push(store.remove(variantKey(x.key, old)))
  }
  await Promise.all(writes)
}

function isSameList(a: Fields, b: Fields): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
