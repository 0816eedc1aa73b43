// What is stored, as plain data for an explanation: the response that answers the request, and the variants of its URL.
import { EntryFlag, type ResponseEntry } from '../cache/entry.js'
import { variantKey, variantOf } from '../cache/identify.js'
import type { Store } from '../cache/store.js'
import type { Variant } from '../cache/variants.js'
import type { Exchange } from '../exchange.js'
import type { Fields } from '../http/fields.js'
import type { EntryView, VariantSetView, VariantsView } from './explanation.js'
import { isoTime, seconds } from './words.js'

/** Of the variants of one URL so many are named. */
export const variantsShownMax = 100

/** `entry` is a copy: a view of the store would not outlive the next look into it. */
export function describeEntry(entry: ResponseEntry, storedKey: string, nowMs: number): EntryView {
  const { status, askedAtMs, storedAtMs, bornAtMs, freshUntilMs, etag, lastModified } = entry
  return {
    storedKey,
    status,
    askedAt: isoTime(askedAtMs),
    askedAtMs,
    storedAt: isoTime(storedAtMs),
    storedAtMs,
    bornAt: isoTime(bornAtMs),
    bornAtMs,
    freshUntil: isoTime(freshUntilMs),
    freshUntilMs,
    // RFC 9111 4.2.3; never negative, whatever a clock did.
    ageSeconds: seconds(Math.max(nowMs - bornAtMs, 0)),
    lifetimeSeconds: seconds(freshUntilMs - bornAtMs),
    ttlSeconds: seconds(freshUntilMs - nowMs),
    etag: etag === '' ? null : etag,
    lastModified: lastModified === '' ? null : lastModified,
    flags: flagWords(entry.flags),
    vary: [...entry.varyNames],
    groups: [...entry.groups],
    tags: [...entry.tags],
    bodyBytes: entry.bodyBytes,
    received: pairs(entry.received),
  }
}

function flagWords(flags: number): string[] {
  const words: string[] = []
  if ((flags & EntryFlag.alwaysValidate) !== 0) words.push('always validated (no-cache)')
  if ((flags & EntryFlag.mustRevalidate) !== 0) {
    words.push('never used stale (must-revalidate, proxy-revalidate or s-maxage)')
  }
  if ((flags & EntryFlag.grouped) !== 0) words.push('in groups (Cache-Groups)')
  return words
}

/** A flat list as pairs. */
export function pairs(fields: Fields): [name: string, value: string][] {
  const list: [string, string][] = []
  for (let i = 0; i < fields.length; i += 2) list.push([fields[i], fields[i + 1]])
  return list
}

/** The variants of the URL of `x`, or null when it does not vary. Of an exchange that was looked up. */
export function describeVariants(x: Exchange, store: Store): VariantsView | null {
  const entry = store.get(x.key, x.nowMs)
  if (entry?.kind !== 'variants') return null
  const { generation, variants } = entry
  const found = variants.find(({ id }) => variantKey(x.key, generation, id) === x.storedKey)
  return {
    sets: setsOf(variants, x),
    stored: variants.slice(0, variantsShownMax).map(({ id }) => id),
    storedCount: variants.length,
    selected: found?.id ?? null,
  }
}

/** The youngest first, as a look-up goes through them. */
function setsOf(variants: readonly Variant[], x: Exchange): VariantSetView[] {
  const sets = new Map<string, VariantSetView>()
  for (const { varyNames } of variants.toReversed()) {
    const key = varyNames.join()
    if (sets.has(key)) continue
    const selects = variantOf(varyNames, x)
    const isStored = variants.some(({ id, varyNames: names }) => id === selects && names.join() === key)
    sets.set(key, { varyNames: [...varyNames], selects, isStored })
  }
  return [...sets.values()]
}
