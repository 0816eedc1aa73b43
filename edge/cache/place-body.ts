// Writes a body that is there as a whole into a segment.
import { storeError } from './commit.js'
import type { Place, Segments } from './segments/segments.js'

/** Resolves when all is written. Rejects with `store-full`, `store-failed`, or `store-busy` while nothing can be. */
export async function writeBody(segments: Segments, body: Uint8Array): Promise<Place> {
  const writing = segments.begin(body.length)
  if (writing === undefined) throw storeError('store-busy', 'no body can be written at the moment')
  writing.append(body)
  return writing.finish()
}
