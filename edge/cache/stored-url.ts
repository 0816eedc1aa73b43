// What a key in the index says of the entry under it: the reverse of identify.ts and key-bytes.ts, for who walks through
// the index and was not asked for a URL.
import { beginningBytes, plainKeyBytesMax } from './key-bytes.js'
import { blockMark } from './slices.js'

export interface StoredUrl {
  readonly site: string
  /** The key of the URL, as `identify` makes it; only its beginning when `isBeginning`. */
  readonly key: string
  /** Of clients: `https://authority/path?query`. */
  readonly url: string
  /** Generation and name of the variant; undefined when the entry is under the URL's own key. */
  readonly variant: string | undefined
  /** The id of the object and the number of the block, when the entry is a block of one (slices.ts). */
  readonly block: string | undefined
  /** The key was too long to be kept whole. */
  readonly isBeginning: boolean
}

/** Undefined for what is under the key of no URL: groups. */
export function readStoredKey(stored: string): StoredUrl | undefined {
  const isLong = stored.length > plainKeyBytesMax
  const known = isLong ? stored.slice(0, beginningBytes) : stored
  if (known.includes('\0')) return undefined
  const variantAt = known.indexOf('\n')
  const key = variantAt === -1 ? known : known.slice(0, variantAt)
  const below = variantAt === -1 ? undefined : known.slice(variantAt)
  const block = below?.startsWith(blockMark) ? below.slice(blockMark.length) : undefined
  const variant = block === undefined ? below?.slice(1) : undefined
  // `keyPrefix` of identify.ts: scheme, site, authority and perhaps the names of fields, then the target.
  const [, scheme = 'http', site = '', authority = '', target = ''] =
    /^(\S+) (\S+) ([^\s/]+)[^/]*(.*)$/.exec(key) ?? []
  const isBeginning = isLong && variantAt === -1
  return { site, key, url: `${scheme}://${authority}${target}`, variant, block, isBeginning }
}
