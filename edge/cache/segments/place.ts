// Where a body lies: its segment, and the extents in it in the order of the body. And the bytes that stand for that in
// the record of an entry. Nothing here touches a file.
import { headerBytes } from './header.js'

/** Where in the file it begins, and how long it is; never empty. */
export type Extent = readonly [offset: number, length: number]

/** What can be read of a body: all of it, or what is written so far. The lengths of the extents add up to `bytes`. */
export interface PlaceSoFar {
  readonly segment: number
  readonly extents: readonly Extent[]
  readonly bytes: number
}

/** A body that is complete, with the CRC-32 of all of it. */
export interface Place extends PlaceSoFar {
  readonly crc: number
}

/** More extents than this no place has: at a mebibyte each, as much as 4 GiB. */
export const extentsMax = 4_096

/** The largest number that six bytes hold. */
const numberMax = 2 ** 48 - 1
const numberBytes = 6
const crcBytes = 4
const prefixBytes = numberBytes + crcBytes
const extentBytes = 2 * numberBytes

/** Segment and CRC, then offset and length of each extent; little-endian; 22 bytes for a body in one piece. */
export function encodePlace({ segment, extents, crc }: Place): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + extents.length * extentBytes)
  bytes.writeUIntLE(segment, 0, numberBytes)
  bytes.writeUInt32LE(crc, numberBytes)
  let at = prefixBytes
  for (const [offset, length] of extents) {
    bytes.writeUIntLE(offset, at, numberBytes)
    bytes.writeUIntLE(length, at + numberBytes, numberBytes)
    at += extentBytes
  }
  return bytes
}

/** Total: undefined for bytes that no `encodePlace` made. */
export function decodePlace(source: Uint8Array): Place | undefined {
  const encoded = Buffer.from(source.buffer, source.byteOffset, source.length)
  const count = (encoded.length - prefixBytes) / extentBytes
  if (!Number.isInteger(count) || count < 0 || count > extentsMax) return undefined
  const extents: Extent[] = []
  let bytes = 0
  for (let at = prefixBytes; at < encoded.length; at += extentBytes) {
    const offset = encoded.readUIntLE(at, numberBytes)
    const length = encoded.readUIntLE(at + numberBytes, numberBytes)
    if (length === 0 || offset < headerBytes || offset + length > numberMax) return undefined
    extents.push([offset, length])
    bytes += length
  }
  if (bytes > numberMax) return undefined
  return {
    segment: encoded.readUIntLE(0, numberBytes),
    extents,
    bytes,
    crc: encoded.readUInt32LE(numberBytes),
  }
}
