// Records as layout 3 had them: without a fence.
import { crc32 } from 'node:zlib'
import { offset, prologueBytes } from '../../cache/layout.js'

/** The record of today, as it would have been stored under `key` then. */
export function inThirdLayout(record: Buffer, key: string): Buffer {
  const [numbers, rest] = [Buffer.from(record.subarray(0, offset.fence)), record.subarray(prologueBytes)]
  numbers.writeUInt32LE(0x03454a4e, offset.magic)
  const checksums = Buffer.alloc(8)
  checksums.writeUInt32LE(crc32(rest, crc32(numbers)), 0)
  checksums.writeUInt32LE(crc32(key), 4)
  return Buffer.concat([numbers, checksums, rest])
}
