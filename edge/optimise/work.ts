// What a thread of the pool does: one form out of the bytes of another. Everything is in memory; it touches no store.
import { type DecodeError, decode, encode } from './codecs.js'
import type { Work } from './job.js'

export interface Task {
  readonly work: Work
  readonly body: Uint8Array
  readonly decodedBytesMax: number
}

/** `reason`: why there is none, and there will be none of these bytes. */
export type Made = { readonly body: Uint8Array } | { readonly reason: string }

/** Rejects only for what should not happen. */
export default async function work({ work, body, decodedBytesMax }: Task): Promise<Made> {
  switch (work.kind) {
    case 'encode':
      return { body: encode(work.coding, work.effort, body) }
    case 'decode':
      return decode(work.coding, body, decodedBytesMax).then(
        decoded => ({ body: decoded }),
        (error: DecodeError) => ({ reason: error.code }),
      )
  }
}
