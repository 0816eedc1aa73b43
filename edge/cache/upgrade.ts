// Brings records of older layouts to this one, without what they cannot know.
import { crc32 } from 'node:zlib'
import { bindToKey, seal } from './checksum.js'
import { magic, offset } from './layout.js'

/** Layout 3 had no fence; its checksums followed what is now in front of it. */
const third = { magic: 0x03454a4e, checksum: 60, keyChecksum: 64, prologueBytes: 68 } as const
const fenceBytes = 8

/** `stored`: its key. Undefined for what is no sound record of an older layout. */
export function upgraded(record: Buffer, stored: string): Buffer | undefined {
  if (record.length < third.prologueBytes || record.readUInt32LE(offset.magic) !== third.magic)
    return undefined
  const [numbers, rest] = [record.subarray(0, third.checksum), record.subarray(third.prologueBytes)]
  const isSound =
    record.readUInt32LE(third.checksum) === crc32(rest, crc32(numbers)) &&
    record.readUInt32LE(third.keyChecksum) === crc32(stored)
  if (!isSound) return undefined
  const checksums = record.subarray(third.checksum, third.prologueBytes)
  // Fence 0: it was fetched before any purge that is still in force.
  const current = Buffer.concat([numbers, Buffer.alloc(fenceBytes), checksums, rest])
  current.writeUInt32LE(magic, offset.magic)
  seal(current)
  bindToKey(current, stored)
  return current
}
