// What a thread of the pool does: one form out of the bytes of another. Everything is in memory; it touches no store.
import { type DecodeError, decode, encode } from './codecs.js'
import type { Work } from './job.js'
import type { ImageBounds } from './make-image.js'

export interface Task {
  readonly work: Work
  readonly body: Uint8Array
  readonly decodedBytesMax: number
  readonly imageBounds: ImageBounds
}

/** `reason`: why there is none, and there will be none of these bytes; `status`: with which that is answered. */
export type Made =
  | { readonly body: Uint8Array; readonly type?: string }
  | { readonly reason: string; readonly status?: number }

/** Rejects only for what should not happen. */
export default async function work({ work, body, decodedBytesMax, imageBounds }: Task): Promise<Made> {
  switch (work.kind) {
    case 'encode':
      return { body: encode(work.coding, work.effort, body) }
    case 'decode':
      return decode(work.coding, body, decodedBytesMax).then(
        decoded => ({ body: decoded }),
        (error: DecodeError) => ({ reason: error.code }),
      )
    case 'image': {
      // Not before the first: many hosts compress and have no images.
      const { makeImage } = await import('./make-image.js')
      return makeImage(work, body, imageBounds)
    }
  }
}
