// Reads Content-Range (RFC 9110 14.4), and what a 206 with one part says of the whole that it is a part of.
import { type Fields, firstValue, isNamed } from './fields.js'
import { parseContentLength } from './framing.js'
import type { ByteRange } from './ranges.js'

/** `size`: of the whole, undefined when that is not said. */
export interface ContentRange extends ByteRange {
  size: number | undefined
}

/** Undefined when it is malformed, of another unit, or the word of a 416. */
export function parseContentRange(value: string): ContentRange | undefined {
  const found = /^bytes +(\d+)-(\d+)\/(\d+|\*)$/i.exec(value.trim())
  if (found === null) return undefined
  const [first, last] = [Number(found[1]), Number(found[2])]
  const size = found[3] === '*' ? undefined : Number(found[3])
  // RFC 9110 14.4: what ends before it begins, or behind the end of the whole, is invalid.
  if (last < first || !Number.isSafeInteger(last)) return undefined
  if (size !== undefined && (size <= last || !Number.isSafeInteger(size))) return undefined
  return { first, last, size }
}

/** What came for one range that was asked for. */
export type PartAnswer =
  /** As much as was asked for, or as there is, of a whole of `size` bytes. */
  | { kind: 'part'; range: ByteRange; size: number }
  /** Why nothing can be made of it. */
  | { kind: 'useless'; why: string }

/**
 * Reads the fields of a 206 to a request for the range `asked`. An origin may send less than was asked for
 * (RFC 9110 15.3.7), several parts, or not say how long the whole is: that is lawful, and no use here.
 */
export function readPart(fields: Fields, asked: ByteRange): PartAnswer {
  const value = firstValue(fields, 'content-range')
  if (value === undefined) return { kind: 'useless', why: 'no-content-range' }
  const part = parseContentRange(value)
  if (part?.size === undefined) return { kind: 'useless', why: 'content-range' }
  const { first, last, size } = part
  if (first !== asked.first || last !== Math.min(asked.last, size - 1))
    return { kind: 'useless', why: 'other-part' }
  const length = firstValue(fields, 'content-length')
  if (length !== undefined && parseContentLength(length) !== last - first + 1)
    return { kind: 'useless', why: 'content-length' }
  return { kind: 'part', range: { first, last }, size }
}

/** The fields of a 206 as those of a 200 with the whole (RFC 9111 3.4). */
export function fieldsOfWhole(fields: Fields, size: number): string[] {
  const whole: string[] = []
  for (let at = 0; at < fields.length; at += 2) {
    const isOfPart = isNamed(fields[at], 'content-range') || isNamed(fields[at], 'content-length')
    if (!isOfPart) whole.push(fields[at], fields[at + 1])
  }
  return [...whole, 'Content-Length', `${size}`]
}

/** The first byte that a Range asks for; 0 for its last ones, undefined when it is not of bytes, or not one of ours. */
export function firstByteAsked(rangeField: string): number | undefined {
  const found = /^bytes=\s*(\d*)-/i.exec(rangeField)
  if (found === null) return undefined
  const first = found[1] === '' ? 0 : Number(found[1])
  return Number.isSafeInteger(first) ? first : undefined
}
