// The checksums of a record: what tells that its bytes are those that were stored, and under the key they were found by.
// Records without damage are taken apart by entry.ts.
import { crc32 } from 'node:zlib'
import type { ResponseEntry } from './entry.js'
import { offset, prologueBytes } from './layout.js'

/** Writes the checksum of a record that is otherwise complete. */
export function seal(record: Buffer): Buffer {
  record.writeUInt32LE(checksumOf(record, record.length), offset.checksum)
  record.writeUInt32LE(0, offset.keyChecksum)
  return record
}

function checksumOf(record: Uint8Array, recordBytes: number): number {
  return crc32(record.subarray(prologueBytes, recordBytes), crc32(record.subarray(0, offset.checksum)))
}

/** Notes in the record itself under which key it is kept. */
export function bindToKey(record: Uint8Array, key: string): void {
  if (record.length < prologueBytes) return
  new DataView(record.buffer, record.byteOffset).setUint32(offset.keyChecksum, crc32(key), true)
}

/** Whether these are the bytes that were stored under this key (`bindToKey`). Reads all of them: about 4 GB a second. */
export function isUndamaged(record: Buffer, recordBytes: number, key: string): boolean {
  if (recordBytes < prologueBytes) return false
  if (record.readUInt32LE(offset.keyChecksum) !== crc32(key)) return false
  return record.readUInt32LE(offset.checksum) === checksumOf(record, recordBytes)
}

/** True when all of it, body, head, texts and numbers, is what was encoded, under whatever key. */
export function verifyBody(entry: ResponseEntry): boolean {
  const { bytes } = entry
  return bytes.readUInt32LE(offset.checksum) === checksumOf(bytes, bytes.length)
}
