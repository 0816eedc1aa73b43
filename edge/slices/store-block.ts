// Puts a block into the store: a small one into the index, others beside it; without a head of its own.
import type { Admission } from '../cache/admit.js'
import { type Content, type EntryDraft, encodeEntry } from '../cache/entry.js'
import { writeBody } from '../cache/place-body.js'

const nothing = Buffer.alloc(0)
/** Larger values make the index grow. */
const inlineBytesMax = 1_024

/** Never rejects: what cannot be kept is asked for again. */
export async function storeBlock(
  admission: Admission,
  key: string,
  draft: Omit<EntryDraft, 'block' | 'notModifiedBytes'>,
): Promise<void> {
  try {
    const content = await placed(admission, draft.content)
    const record = encodeEntry({
      ...draft,
      // Purges by tag find it by these.
      tags: draft.tags,
      status: 206,
      flags: 0,
      etag: '',
      lastModified: '',
      varyNames: [],
      received: [],
      groups: [],
      block: nothing,
      notModifiedBytes: 0,
      content,
    })
    await admission.store.put(key, record)
  } catch (error) {
    admission.onFailure(error, key)
  }
}

async function placed({ store }: Admission, content: Content): Promise<Content> {
  const isHere = content instanceof Uint8Array
  if (!isHere || content.length <= inlineBytesMax || store.bodies === undefined) return content
  return writeBody(store.bodies.segments, content)
}
