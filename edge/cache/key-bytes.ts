// How keys look inside LMDB. An entry is found under the bytes of its key; a second database holds, in the order of
// storing, the time an entry was stored followed by those same bytes. databases.ts opens both with this encoder.
import { createHash } from 'node:crypto'

/** Keys up to this many bytes are kept as they are; LMDB itself takes no key over 1,978 bytes. */
export const plainKeyBytesMax = 1_000
const digestBytes = 32
/** So many bytes of a longer key are kept, in front of its digest. */
export const beginningBytes = plainKeyBytesMax + 1 - digestBytes
const stampBytes = 8

/**
 * The bytes (one per character) under which the entry of `key` is kept. A key that is too long, or empty, becomes
 * its beginning and its SHA-256, always one byte longer than the longest plain key: the two kinds never meet.
 */
export function storedKey(key: string): string {
  const length = key.length
  if (length <= plainKeyBytesMax && length > 0) return key
  const digest = createHash('sha256').update(key, 'latin1').digest().toString('latin1')
  return key.slice(0, beginningBytes).padEnd(beginningBytes, '\0') + digest
}

const stampBuffer = Buffer.alloc(stampBytes)

/** The place of an entry in the storing order: positive doubles sort as their big-endian bytes do. */
export function orderKey(stampMs: number, stored: string): string {
  stampBuffer.writeDoubleBE(stampMs)
  return stampBuffer.toString('latin1') + stored
}

/** What `orderKey` was made of. */
export function splitOrderKey(order: string): { stampMs: number; stored: string } {
  stampBuffer.write(order, 0, stampBytes, 'latin1')
  return { stampMs: stampBuffer.readDoubleBE(0), stored: order.slice(stampBytes) }
}

/**
 * Keys as latin1 bytes: a get takes half the time of lmdb's default encoding (530 ns against 1,045 for 60 bytes), and
 * no buffer is made per look-up. `target` is always larger than the longest key.
 */
export const keyEncoder = {
  writeKey(key: string, target: Buffer, start: number): number {
    return start + target.write(key, start, 'latin1')
  },
  readKey(source: Buffer, start: number, end: number): string {
    return source.toString('latin1', start, end)
  },
}
