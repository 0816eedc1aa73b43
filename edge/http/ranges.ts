// Which bytes of a complete representation a Range asks for (RFC 9110 14), and the words to answer with. That it is a
// GET, and whether If-Range lets the Range count, is asked by the caller; the parts' bytes are respond/'s.
import { parseDate } from './dates.js'
import { splitList, trimSpace } from './tokens.js'
import { isStrongMatch } from './validators.js'

/** Positions of the first and the last byte, both included. */
export interface ByteRange {
  first: number
  last: number
}

export type RangeSelection =
  | { kind: 'whole' }
  /** At least one, disjoint, none adjacent to another, in the order they were asked for. */
  | { kind: 'ranges'; ranges: ByteRange[] }
  | { kind: 'unsatisfiable' }

const WHOLE: RangeSelection = Object.freeze({ kind: 'whole' })
const UNSATISFIABLE: RangeSelection = Object.freeze({ kind: 'unsatisfiable' })

/** RFC 9110 17.15: more overlaps than this are no honest client's. */
const OVERLAPS_MAX = 2

/** A part shorter than its own head (RFC 9110 15.3.7.2 reckons 80 bytes), and how many out of order we put up with. */
const TINY_BYTES = 80
const TINY_UNORDERED_MAX = 4

/** Specs looked at for each one that may remain after coalescing: bounds the work for one field. */
const SPECS_PER_RANGE = 4

/** `size` is in bytes and 0 or more. 'none' cannot be satisfied, 'invalid' spoils the field, 'all' is for no bytes at all. */
function resolveSpec(spec: string, size: number): ByteRange | 'none' | 'invalid' | 'all' {
  const found = /^(\d*)-(\d*)$/.exec(spec)
  if (found === null || (found[1] === '' && found[2] === '')) return 'invalid'
  // Numbers too long to be exact are far past every end, so they need not be.
  const first = Number(found[1])
  const last = found[2] === '' ? Number.POSITIVE_INFINITY : Number(found[2])
  if (found[1] === '') {
    if (last === 0) return 'none'
    // RFC 9110 14.1.2: a suffix of nothing is satisfiable, but no Content-Range can say so.
    if (size === 0) return 'all'
    return { first: Math.max(size - last, 0), last: size - 1 }
  }
  if (last < first) return 'invalid'
  return first >= size ? 'none' : { first, last: Math.min(last, size - 1) }
}

/** The ranges asked for that can be satisfied, or undefined when the field does not count (RFC 9110 14.2). */
function resolveSpecs(specs: readonly string[], size: number): ByteRange[] | undefined {
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = resolveSpec(spec, size)
    if (range === 'invalid' || range === 'all') return undefined
    if (range !== 'none') ranges.push(range)
  }
  return ranges
}

/**
 * Overlapping and adjacent ranges united, each at the place of the first that it is made of (RFC 9110 15.3.7.2), and
 * how many overlapped another.
 */
function coalesce(ranges: readonly ByteRange[]): { united: ByteRange[]; overlaps: number } {
  const sorted = ranges
    .map(({ first, last }, place) => ({ first, last, place }))
    .sort((a, b) => a.first - b.first)
  const united: typeof sorted = []
  let overlaps = 0
  for (const range of sorted) {
    const before = united.at(-1)
    if (before === undefined || range.first > before.last + 1) united.push(range)
    else {
      if (range.first <= before.last) overlaps++
      before.last = Math.max(before.last, range.last)
      before.place = Math.min(before.place, range.place)
    }
  }
  united.sort((a, b) => a.place - b.place)
  return { united: united.map(({ first, last }) => ({ first, last })), overlaps }
}

/** RFC 9110 14.2: many small ranges out of order are a broken client or an attack. */
function isScattered(ranges: readonly ByteRange[]): boolean {
  const isAscending = ranges.every((range, i) => i === 0 || range.first > ranges[i - 1].first)
  if (isAscending) return false
  return ranges.filter(({ first, last }) => last - first < TINY_BYTES).length > TINY_UNORDERED_MAX
}

/**
 * `rangeField` is the value of Range, its lines combined, undefined when absent. 'whole' is the answer 200: without a
 * Range, with another unit, a malformed one, or one that asks for too much at once. `rangesMax` counts what is left
 * after coalescing.
 */
export function selectRanges(input: {
  rangeField: string | undefined
  size: number
  rangesMax: number
}): RangeSelection {
  const { rangeField, size, rangesMax } = input
  // RFC 9110 14.1: names of units are in any case.
  const set = rangeField === undefined ? undefined : /^bytes=(.*)$/is.exec(rangeField)?.[1]
  if (set === undefined) return WHOLE
  const specs = splitList(set)
  if (specs.length === 0 || specs.length > rangesMax * SPECS_PER_RANGE) return WHOLE
  const ranges = resolveSpecs(specs, size)
  if (ranges === undefined) return WHOLE
  if (ranges.length === 0) return UNSATISFIABLE
  const { united, overlaps } = coalesce(ranges)
  if (overlaps > OVERLAPS_MAX || united.length > rangesMax || isScattered(united)) return WHOLE
  return { kind: 'ranges', ranges: united }
}

/** The value of Content-Range for one part (RFC 9110 14.4). */
export function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.first}-${range.last}/${size}`
}

/** The value of Content-Range beside 416 (RFC 9110 15.5.17). */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`
}

/**
 * True when the Range counts in spite of If-Range (RFC 9110 13.1.5). `etag` and `lastModified` are the stored ones, ''
 * when absent; `dateMs` is the stored Date, undefined when it has none.
 */
export function ifRangeHolds(input: {
  ifRange: string
  etag: string
  lastModified: string
  dateMs: number | undefined
  now: number
}): boolean {
  const { etag, lastModified, dateMs, now } = input
  const ifRange = trimSpace(input.ifRange)
  if (/^(?:W\/)?"/.test(ifRange)) return isStrongMatch(ifRange, etag)
  const asked = parseDate(ifRange, now)
  const modified = parseDate(lastModified, now)
  if (asked === undefined || asked !== modified || dateMs === undefined) return false
  // RFC 9110 8.8.2.2: a date is strong only when a second change within its second was impossible.
  return dateMs - modified >= 1000
}

/** The value of Content-Type of a multipart answer (RFC 9110 14.6). */
export function multipartType(boundary: string): string {
  return `multipart/byteranges; boundary=${boundary}`
}

/**
 * The frame of a multipart/byteranges body (RFC 9110 14.6): `head` goes before the bytes of each part, `end` behind the
 * last; all are byte strings, and `contentLength` counts them and the parts. `contentType` is '' when there is none;
 * `boundary` is a token that the caller makes so that the body does not contain it.
 */
export function multipart(input: {
  ranges: readonly ByteRange[]
  size: number
  contentType: string
  boundary: string
}): { contentLength: number; parts: { head: string; range: ByteRange }[]; end: string } {
  const { ranges, size, contentType, boundary } = input
  const type = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`
  const end = `\r\n--${boundary}--\r\n`
  let contentLength = end.length
  const parts = ranges.map((range, i) => {
    const start = `${i === 0 ? '' : '\r\n'}--${boundary}\r\n`
    const head = `${start}${type}Content-Range: ${contentRange(range, size)}\r\n\r\n`
    contentLength += head.length + range.last - range.first + 1
    return { head, range }
  })
  return { contentLength, parts, end }
}
