// The tags that an origin gives a response so that it can be purged by them: no standard, but three fields in use.
// Purging is cache/'s; stripping the fields from what the client gets is respond/'s.
import type { Fields } from './fields.js'
import { trimSpace } from './tokens.js'

export interface Tags {
  /** Unique, in the order received, compared as they are written. */
  tags: string[]
  /** How many were left out, too long or too many: a purge by them does not find the response. */
  dropped: number
}

/** How the value of each field falls into tags, by lower-case name. */
const SEPARATORS: Readonly<Record<string, RegExp>> = {
  'cache-tag': /,/,
  'surrogate-key': /[ \t]+/,
  xkey: /[ \t,]+/,
}

/** Lower-case names of the fields that carry tags. */
export const tagFieldNames: readonly string[] = Object.keys(SEPARATORS)

/** Bounds of what one response makes us index. */
export const TAGS_MAX = 128
export const TAG_BYTES_MAX = 256

/** The tags of a response, from all lines of all three fields. */
export function tagsOf(fields: Fields): Tags {
  const tags = new Set<string>()
  let dropped = 0
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i].toLowerCase()
    if (!tagFieldNames.includes(name)) continue
    for (const part of fields[i + 1].split(SEPARATORS[name])) {
      const tag = trimSpace(part)
      if (tag === '' || tags.has(tag)) continue
      if (tag.length > TAG_BYTES_MAX || tags.size === TAGS_MAX) dropped++
      else tags.add(tag)
    }
  }
  return { tags: [...tags], dropped }
}
