// An object that is kept in blocks of one size, each an entry of its own: what its head says of them, and their keys. The
// blocks of one head carry its id, so that those of another state of the object are never found.
import { randomBytes } from 'node:crypto'
import type { ByteRange } from '../http/ranges.js'

export interface SliceMap {
  /** Of this state of the object. */
  readonly id: string
  /** Of a block; the last one may be shorter. */
  readonly sliceBytes: number
  /** Of the whole object. */
  readonly bytes: number
}

const idBytes = 9
const numberBytes = 6
const encodedBytes = idBytes + 2 * numberBytes
/** The largest number that six bytes hold. */
const numberMax = 2 ** 48 - 1

export function newSliceMap(bytes: number, sliceBytes: number): SliceMap {
  return { id: randomBytes(idBytes).toString('base64url'), sliceBytes, bytes }
}

export function encodeSlices({ id, sliceBytes, bytes }: SliceMap): Buffer {
  const encoded = Buffer.alloc(encodedBytes)
  encoded.write(id, 'base64url')
  encoded.writeUIntLE(sliceBytes, idBytes, numberBytes)
  encoded.writeUIntLE(bytes, idBytes + numberBytes, numberBytes)
  return encoded
}

/** Total: undefined for bytes that no `encodeSlices` made. */
export function decodeSlices(encoded: Buffer): SliceMap | undefined {
  if (encoded.length !== encodedBytes) return undefined
  const sliceBytes = encoded.readUIntLE(idBytes, numberBytes)
  const bytes = encoded.readUIntLE(idBytes + numberBytes, numberBytes)
  if (sliceBytes === 0 || bytes === 0) return undefined
  return { id: encoded.toString('base64url', 0, idBytes), sliceBytes, bytes }
}

/** Whether an object is so long that its head cannot say it. */
export function isBeyondSlices(bytes: number): boolean {
  return bytes > numberMax
}

/** Begins what follows the key of a URL in the keys of its blocks: no generation of variants begins so. */
export const blockMark = '\n:'

/** `key`: of the URL, whichever of its variants the object is. */
export function blockKey(key: string, { id }: SliceMap, index: number): string {
  return `${key}${blockMark}${id}:${index}`
}

/** The key under which the first question for a part of an object is one for all who ask. */
export function partKey(key: string): string {
  return `${key}${blockMark}`
}

export function blockIndex({ sliceBytes }: SliceMap, position: number): number {
  return Math.floor(position / sliceBytes)
}

/** The bytes of the object that are in that block. */
export function blockRange({ sliceBytes, bytes }: SliceMap, index: number): ByteRange {
  const first = index * sliceBytes
  return { first, last: Math.min(first + sliceBytes, bytes) - 1 }
}
