// Writes a body that is there as a whole into a segment, and makes the record that leads to it.
import { storeError } from './commit.js'
import { encodeEntry, headRecordBytes } from './encode-entry.js'
import type { Content, EntryDraft } from './entry.js'
import type { Place, Segments } from './segments/segments.js'
import type { Store } from './store.js'

/** Resolves when all is written. Rejects with `store-full`, `store-failed`, or `store-busy` while nothing can be. */
export async function writeBody(segments: Segments, body: Uint8Array): Promise<Place> {
  const writing = segments.begin(body.length)
  if (writing === undefined) throw storeError('store-busy', 'no body can be written at the moment')
  writing.append(body)
  return writing.finish()
}

/** Larger values make the index grow to up to twice its content, and it never shrinks. */
const inlineRecordBytesMax = 2_000

/** The record of a draft: a body that is not short goes to a segment first, where there are any. Rejects as `writeBody`. */
export async function recordOf({ bodies }: Store, draft: EntryDraft): Promise<Buffer> {
  const { content } = draft
  if (bodies === undefined || !isForSegment(draft, content)) return encodeEntry(draft)
  return encodeEntry({ ...draft, content: await writeBody(bodies.segments, content) })
}

function isForSegment(draft: EntryDraft, content: Content): content is Uint8Array {
  if (!(content instanceof Uint8Array) || content.length === 0) return false
  return headRecordBytes(draft) + content.length > inlineRecordBytesMax
}
