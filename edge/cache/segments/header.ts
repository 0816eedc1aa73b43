// What a segment file begins with, and how it is called: enough to tell that it is ours, which one it is, and whether
// its bytes were written since the machine started.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** Bodies begin behind it. */
export const headerBytes = 64

const magic = Buffer.from('NAIJSEG\n')
const layoutVersion = 1
const offset = { magic: 0, version: 8, id: 16, bootId: 24, createdMs: 40, checksum: 60 } as const
const idBytes = 6
const bootIdBytes = 16

export interface SegmentHeader {
  id: number
  /** 32 hexadecimal digits. */
  bootId: string
  /** Wall clock. */
  createdMs: number
}

export function encodeHeader({ id, bootId, createdMs }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  magic.copy(bytes, offset.magic)
  bytes.writeUInt32LE(layoutVersion, offset.version)
  bytes.writeUIntLE(id, offset.id, idBytes)
  bytes.write(bootId, offset.bootId, bootIdBytes, 'hex')
  bytes.writeDoubleLE(createdMs, offset.createdMs)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, offset.checksum)), offset.checksum)
  return bytes
}

/** Total: undefined for what is not the header of a segment in this layout. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined
  if (bytes.readUInt32LE(offset.version) !== layoutVersion) return undefined
  if (bytes.readUInt32LE(offset.checksum) !== crc32(bytes.subarray(0, offset.checksum))) return undefined
  return {
    id: bytes.readUIntLE(offset.id, idBytes),
    bootId: bytes.toString('hex', offset.bootId, offset.bootId + bootIdBytes),
    createdMs: bytes.readDoubleLE(offset.createdMs),
  }
}

/** Fifteen digits, so that names sort as ids do. */
export function segmentPath(directory: string, id: number): string {
  return join(directory, `${String(id).padStart(15, '0')}.segment`)
}

/** The id in a file's name; undefined when it is not that of a segment. */
export function idOf(name: string): number | undefined {
  const digits = /^(\d{15})\.segment$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Which start of the machine this is: what was written since then, no loss of power can have taken back. */
export const thisBootId = readBootId()

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')
      .replace(/[^0-9a-f]/g, '')
      .padEnd(32, '0')
  } catch {
    // Unknown: then only what this process writes is taken for safe.
    return randomBytes(bootIdBytes).toString('hex')
  }
}
