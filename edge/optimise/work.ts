// What a thread of the pool does: one form out of the bytes of another. Everything is in memory; it touches no store.
import { createHash } from 'node:crypto'
import { runWhenIdle } from '../../native/index.js'
import { type DecodeError, decode, encode, encodeDelta } from './codecs.js'
import { withIdleHelpers } from './idle-helpers.js'
import { idleWord } from './idle-word.js'
import type { Work } from './job.js'
import type { ImageBounds } from './make-image.js'

// Who serves goes first.
const isIdle = process.argv.includes(idleWord)
if (isIdle) runWhenIdle()

export interface Task {
  readonly work: Work
  readonly body: Uint8Array
  /** Of a delta. */
  readonly dictionary?: Uint8Array | undefined
  readonly decodedBytesMax: number
  readonly imageBounds: ImageBounds
}

/** `reason`: why there is none, and there will be none of these bytes; `status`: with which that is answered. */
export type Made =
  | { readonly body: Uint8Array; readonly type?: string }
  | { readonly reason: string; readonly status?: number }

/** Rejects only for what should not happen. */
export default async function work(task: Task): Promise<Made> {
  const { work, body, dictionary, decodedBytesMax, imageBounds } = task
  switch (work.kind) {
    case 'encode':
      return { body: encode(work.coding, work.effort, body) }
    case 'decode':
      return decode(work.coding, body, decodedBytesMax).then(
        decoded => ({ body: decoded }),
        (error: DecodeError) => ({ reason: error.code }),
      )
    case 'delta':
      return { body: encodeDelta(work.effort, body, dictionary!) }
    case 'dictionary':
      return { body: createHash('sha256').update(body).digest() }
    case 'image': {
      // Not before the first: many hosts compress and have no images.
      const { makeImage } = await import('./make-image.js')
      const make = () => makeImage(work, body, imageBounds)
      return isIdle ? withIdleHelpers(make) : make()
    }
  }
}
