// One purge: what goes out of use, and how. Written into the index with its number (log.ts), held against what is stored
// by rules.ts.

/** What a rule names: one URL with all its variants, all that begins alike, a tag, a site, everything. */
export const purgeKinds = ['url', 'prefix', 'tag', 'site', 'all'] as const
export type PurgeKind = (typeof purgeKinds)[number]

export interface PurgeRule {
  readonly kind: PurgeKind
  /** The name of the site; '' of kind `all`. */
  readonly site: string
  /** `url`: the key, as purges call it (identify.ts); `prefix`: what keys begin with; `tag`: the tag, as a byte string; else ''. */
  readonly item: string
  /** What it names is stale from now on, and may be used as what is stale may be; else it is gone. */
  readonly isSoft: boolean
  /** When it was accepted: wall clock, milliseconds. */
  readonly atMs: number
}

export interface NumberedRule extends PurgeRule {
  /** Counts up, over all rules of a cache. */
  readonly sequence: number
}

export function encodeRule({ kind, site, item, isSoft, atMs }: PurgeRule): Buffer {
  return Buffer.from(JSON.stringify([kind, site, item, isSoft, atMs]))
}

/** Total: what another version wrote and we cannot read may mean anything, so it takes everything. */
export function decodeRule(bytes: Uint8Array, sequence: number): NumberedRule {
  const everything: NumberedRule = { kind: 'all', site: '', item: '', isSoft: false, atMs: 0, sequence }
  try {
    const [kind, site, item, isSoft, atMs] = JSON.parse(Buffer.from(bytes).toString()) as unknown[]
    const isKnown =
      purgeKinds.includes(kind as PurgeKind) &&
      typeof site === 'string' &&
      typeof item === 'string' &&
      typeof isSoft === 'boolean' &&
      typeof atMs === 'number'
    return isKnown ? { kind: kind as PurgeKind, site, item, isSoft, atMs, sequence } : everything
  } catch {
    // No JSON at all.
    return everything
  }
}
