// Stores one response of a URL, and when the URL varies the list that leads to it, bounded. Which variant a request
// selects is lookup.ts's.
import { randomBytes } from 'node:crypto'
import type { Exchange } from '../exchange.js'
import { combinedValue } from '../http/fields.js'
import { contentLanguages } from '../http/languages.js'
import { decodeEntry, type Entry } from './entry.js'
import { languageRest, variantKey, variantOf } from './identify.js'
import { latestEntry, putEntry } from './latest.js'
import type { Store } from './store.js'
import { encodeVariants, type Variant } from './variants.js'

/** Responses of one URL may vary by so many different sets of fields; a look-up reads the fields of all of them. */
const setsMax = 4

/** Tells one list of a URL from the next; two workers may begin one at the same time. */
const generationBytes = 9

/** What was stored before the URL varied: it is for everybody, until something younger is. */
const forEverybody: Variant = Object.freeze({ varyNames: [], id: '', languages: '', rest: '' })

/**
 * Stores `record`, a response that varies on `varyNames`, where `x` and its like will find it. Resolves, when others
 * see it, with how many variants left for `variantsMax`.
 *
 * The variant first, then the list that leads to it: a store commits in the order it is asked, so a reader never finds
 * a list before its variant. All is asked at once, so that a store that closes now still takes the whole.
 */
export async function keepVariant(
  store: Store,
  x: Exchange,
  varyNames: readonly string[],
  record: Uint8Array,
  storedAtMs: number,
): Promise<number> {
  const variant = describeVariant(varyNames, x, record)
  const current = latestEntry(store, x.key)
  if (variant.id === '') return keepOnly(store, x.key, record, current)
  const generation =
    current?.kind === 'variants' ? current.generation : randomBytes(generationBytes).toString('base64url')
  const known = knownBefore(current).filter(({ id }) => id !== variant.id)
  const { kept, left } = newest([...known, variant], x.site?.config.cache.variantsMax ?? 1)
  const keyOf = ({ id }: Variant) => variantKey(x.key, generation, id)
  const writes: Promise<void>[] = []
  if (current?.kind === 'response' && kept.includes(forEverybody)) {
    writes.push(store.put(keyOf(forEverybody), Buffer.from(current.bytes)))
  }
  writes.push(store.put(keyOf(variant), record))
  writes.push(putEntry(store, x.key, encodeVariants({ generation, variants: kept, storedAtMs })))
  for (const old of left) writes.push(store.remove(keyOf(old)))
  await Promise.all(writes)
  return left.length
}

/**
 * A response that does not vary answers everybody, and being the youngest it does so before all others (RFC 9111 4.1):
 * whatever was stored before it would never be selected again. The URL is one record once more, found at once.
 */
async function keepOnly(
  store: Store,
  key: string,
  record: Uint8Array,
  current: Entry | undefined,
): Promise<number> {
  const writes = [putEntry(store, key, record)]
  if (current?.kind === 'variants') {
    for (const { id } of current.variants) writes.push(store.remove(variantKey(key, current.generation, id)))
  }
  await Promise.all(writes)
  return 0
}

function describeVariant(varyNames: readonly string[], x: Exchange, record: Uint8Array): Variant {
  const id = variantOf(varyNames, x)
  const rest = languageRest(varyNames, x)
  const languages = rest === undefined ? '' : languagesOf(record)
  return { varyNames, id, languages, rest: languages === '' ? '' : rest! }
}

function languagesOf(record: Uint8Array): string {
  const entry = decodeEntry(Buffer.from(record.buffer, record.byteOffset, record.byteLength))
  const received = entry?.kind === 'response' ? entry.received : []
  return contentLanguages(combinedValue(received, 'content-language') ?? '')
}

function knownBefore(current: Entry | undefined): readonly Variant[] {
  if (current?.kind === 'variants') return current.variants
  return current === undefined ? [] : [forEverybody]
}

/** Of the variants, oldest first, those that may stay: the youngest `variantsMax`, by at most `setsMax` Varys. */
function newest(variants: readonly Variant[], variantsMax: number): { kept: Variant[]; left: Variant[] } {
  const sets = new Set<string>()
  const kept: Variant[] = []
  const left: Variant[] = []
  for (const variant of variants.toReversed()) {
    const names = variant.varyNames.join()
    const fits = kept.length < variantsMax && (sets.has(names) || sets.size < setsMax)
    if (fits) sets.add(names)
    ;(fits ? kept : left).push(variant)
  }
  return { kept: kept.reverse(), left }
}
