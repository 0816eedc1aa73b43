// Where things are in a stored record: the prologue, little-endian, the same for both kinds; then the texts, the block,
// the body, nothing else. Written and read by entry.ts, variants.ts
// and checksum.ts.

export const offset = {
  magic: 0,
  kind: 4,
  status: 6,
  bornAtMs: 8,
  freshUntilMs: 16,
  storedAtMs: 24,
  flags: 32,
  textsBytes: 36,
  blockBytes: 40,
  notModifiedBytes: 44,
  bodyBytes: 48,
  askedAtMs: 52,
  fence: 60,
  /** Of everything but itself and what follows it here. */
  checksum: 68,
  /** Of the key that the record is kept under: written by a store whose file may be damaged. */
  keyChecksum: 72,
} as const
export const prologueBytes = 76

/** "NJE" and the version of the layout: a record of another version is absent. */
export const magic = 0x04454a4e
export const kindResponse = 1
/** A response whose body is elsewhere: where (segments/place.ts) stands in place of the body. */
export const kindPlaced = 4
/** A response in blocks: what its head knows of them (slices.ts) stands in place of the body. */
export const kindSliced = 5
/** 2 was a list of one Vary only, without a generation: it is absent. */
export const kindVariants = 3

/** What every record begins with; times and lengths that only responses have are written by entry.ts. */
export function writePrologue(
  record: Buffer,
  kind: number,
  status: number,
  flags: number,
  storedAtMs: number,
  textsBytes: number,
): void {
  record.writeUInt32LE(magic, offset.magic)
  record.writeUInt16LE(kind, offset.kind)
  record.writeUInt16LE(status, offset.status)
  record.writeDoubleLE(storedAtMs, offset.storedAtMs)
  record.writeUInt32LE(flags, offset.flags)
  record.writeUInt32LE(textsBytes, offset.textsBytes)
}
