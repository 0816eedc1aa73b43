// Byte strings and lists of them inside a record: a length (or count) of four bytes, little-endian, then the bytes,
// one per character. Reading is total: a length that does not fit gives '' or a shorter list, never an exception,
// because a record's checksum is looked at apart (entry.ts).

const lengthBytes = 4

/** Bytes that `text` takes. */
export function textBytes(text: string): number {
  return lengthBytes + text.length
}

/** Bytes that `list` takes. */
export function listBytes(list: readonly string[]): number {
  let bytes = lengthBytes
  for (const text of list) bytes += textBytes(text)
  return bytes
}

/** Writes `text` at `at`; returns where the next one goes. */
export function writeText(record: Buffer, text: string, at: number): number {
  record.writeUInt32LE(text.length, at)
  record.write(text, at + lengthBytes, 'latin1')
  return at + textBytes(text)
}

/** Writes `list` at `at`; returns where the next thing goes. */
export function writeList(record: Buffer, list: readonly string[], at: number): number {
  record.writeUInt32LE(list.length, at)
  let next = at + lengthBytes
  for (const text of list) next = writeText(record, text, next)
  return next
}

/** The text at `at`; '' when it does not end by `end`. */
export function readText(record: Buffer, at: number, end: number): string {
  if (at + lengthBytes > end) return ''
  const start = at + lengthBytes
  const length = record.readUInt32LE(at)
  return start + length > end ? '' : record.toString('latin1', start, start + length)
}

/** The list at `at`; what does not end by `end` is left out. */
export function readList(record: Buffer, at: number, end: number): string[] {
  const list: string[] = []
  if (at + lengthBytes > end) return list
  let next = at + lengthBytes
  for (let left = record.readUInt32LE(at); left > 0 && next + lengthBytes <= end; left--) {
    const text = readText(record, next, end)
    list.push(text)
    next += lengthBytes + record.readUInt32LE(next)
  }
  return list
}
