// Makes the record of a stored response; entry.ts reads it.
import { seal } from './checksum.js'
import type { Content, EntryDraft } from './entry.js'
import { kindPlaced, kindResponse, kindSliced, offset, prologueBytes, writePrologue } from './layout.js'
import { encodePlace, type Place } from './segments/place.js'
import { encodeSlices } from './slices.js'
import { listBytes, textBytes, writeList, writeText } from './texts.js'

/** How long the record is without its body. */
export function headRecordBytes(draft: EntryDraft): number {
  return prologueBytes + textsBytesOf(draft) + draft.block.length
}

function textsBytesOf(draft: EntryDraft): number {
  let bytes = textBytes(draft.etag) + textBytes(draft.lastModified)
  for (const list of listsOf(draft)) bytes += listBytes(list)
  return bytes
}

function listsOf({ varyNames, received, groups, tags }: EntryDraft): readonly (readonly string[])[] {
  return [varyNames, received, groups, tags]
}

function restOf(content: Content): { kind: number; rest: Uint8Array } {
  if (content instanceof Uint8Array) return { kind: kindResponse, rest: content }
  if ('segment' in content) return { kind: kindPlaced, rest: encodePlace(content) }
  return { kind: kindSliced, rest: encodeSlices(content) }
}

/** The record of a response. Texts are byte strings: one character per byte. */
export function encodeEntry(draft: EntryDraft): Buffer {
  const { block, content } = draft
  const { kind, rest } = restOf(content)
  const textsBytes = textsBytesOf(draft)
  const record = Buffer.allocUnsafe(prologueBytes + textsBytes + block.length + rest.length)
  writePrologue(record, kind, draft.status, draft.flags, draft.storedAtMs, textsBytes)
  record.writeDoubleLE(draft.bornAtMs, offset.bornAtMs)
  record.writeDoubleLE(draft.freshUntilMs, offset.freshUntilMs)
  record.writeDoubleLE(draft.askedAtMs, offset.askedAtMs)
  record.writeDoubleLE(draft.fence ?? 0, offset.fence)
  record.writeUInt32LE(block.length, offset.blockBytes)
  record.writeUInt32LE(draft.notModifiedBytes, offset.notModifiedBytes)
  record.writeUInt32LE(rest.length, offset.bodyBytes)
  let at = writeText(record, draft.etag, prologueBytes)
  at = writeText(record, draft.lastModified, at)
  for (const list of listsOf(draft)) at = writeList(record, list, at)
  record.set(block, at)
  record.set(rest, at + block.length)
  return seal(record)
}

/** The record of a response whose body lies in a segment, with another place for it. */
export function withPlace(record: Buffer, place: Place): Buffer {
  const rest = encodePlace(place)
  const head = record.subarray(0, record.length - record.readUInt32LE(offset.bodyBytes))
  const moved = Buffer.concat([head, rest])
  moved.writeUInt32LE(rest.length, offset.bodyBytes)
  return seal(moved)
}
