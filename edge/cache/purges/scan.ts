// Walks the index in pieces and holds each entry against rules: for the sweep that takes what is purged out of it, and for
// who wants to know first what a purge would take.
import type { Databases } from '../databases.js'
import { decodeEntry } from '../entry.js'
import { offset } from '../layout.js'
import { readStoredKey } from '../stored-url.js'
import type { Struck, Subject } from './rules.js'

export interface Slice {
  /** Entries looked at; fewer than asked for at the end. */
  readonly seen: number
  /** The last of them; '' when there was none. */
  readonly last: string
  readonly struck: readonly StruckEntry[]
}

export interface StruckEntry {
  readonly stored: string
  /** Not a list of variants, nor a block of a response. */
  readonly isResponse: boolean
  readonly struck: Struck
}

/** Where to look: from behind `after` on, up to `end` if it is given. */
export interface Range {
  readonly after: string
  readonly end?: string | undefined
}

/** Looks at the next `entriesMax` entries. Ends the views of what was read. Throws what lmdb says. */
export function scanSlice(
  { entries }: Databases,
  { after, end }: Range,
  entriesMax: number,
  judge: (subject: Subject) => Struck | undefined,
): Slice {
  const struck: StruckEntry[] = []
  let seen = 0
  let last = ''
  const range = { start: `${after}\0`, limit: entriesMax, ...(end === undefined ? {} : { end }) }
  for (const { key, value } of entries.getRange(range)) {
    seen += 1
    last = key
    const record = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    const subject = subjectOf(key, record)
    const verdict = subject && judge(subject)
    if (verdict !== undefined)
      struck.push({ stored: key, isResponse: isResponse(key, record), struck: verdict })
  }
  return { seen, last, struck }
}

/** Undefined for what is no response and leads to none: groups. */
function subjectOf(stored: string, record: Buffer): Subject | undefined {
  const place = readStoredKey(stored)
  if (place === undefined) return undefined
  const { site, key, isBeginning } = place
  const fence = record.length >= offset.checksum ? record.readDoubleLE(offset.fence) : 0
  return { site, key, isBeginning, fence, tags: () => tagsOf(record) }
}

function tagsOf(record: Buffer): readonly string[] {
  const entry = decodeEntry(record)
  return entry?.kind === 'response' ? entry.tags : []
}

function isResponse(stored: string, record: Buffer): boolean {
  return readStoredKey(stored)?.block === undefined && decodeEntry(record)?.kind === 'response'
}
