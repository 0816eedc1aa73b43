// The part of a stored response that a Range asks for (RFC 9110 14, 15.3.7): one range, several as multipart, or that
// none can be had. Pure but for the boundary; sending it is write.ts's, whether a Range counts at all the caller's.
import { randomBytes } from 'node:crypto'
import {
  type ByteRange,
  contentRange,
  multipart,
  multipartType,
  selectRanges,
  unsatisfiedRange,
} from '../http/ranges.js'

/**
 * `lines` go into the head; `type` takes the place of Content-Type, '' when it stays. `pieces` make the body: bytes as
 * they are, and ranges of the stored one.
 */
export type Part =
  | { kind: 'whole' }
  | { kind: 'unsatisfiable'; line: string }
  | { kind: 'one'; line: string; pieces: readonly [ByteRange] }
  | { kind: 'several'; type: string; pieces: readonly (Uint8Array | ByteRange)[] }

/** As hexadecimal digits: no longer than a boundary may be. */
const boundaryBytes = 18

const whole: Part = Object.freeze({ kind: 'whole' })

/**
 * `rangeField`: the combined value of Range; `size` and `contentType` of the whole, '' when it has none; more ranges than
 * `rangesMax` are answered with the whole.
 */
export function selectPart(
  rangeField: string | undefined,
  size: number,
  contentType: string,
  rangesMax: number,
): Part {
  const selected = selectRanges({ rangeField, size, rangesMax })
  if (selected.kind === 'whole') return whole
  if (selected.kind === 'unsatisfiable') {
    return { kind: 'unsatisfiable', line: `Content-Range: ${unsatisfiedRange(size)}` }
  }
  const { ranges } = selected
  const [range] = ranges
  if (ranges.length > 1) return several(ranges, size, contentType)
  return { kind: 'one', line: `Content-Range: ${contentRange(range, size)}`, pieces: [range] }
}

function several(ranges: readonly ByteRange[], size: number, contentType: string): Part {
  // RFC 2046 5.1.1: it must stand in none of the parts, and nobody who makes them can know it.
  const boundary = randomBytes(boundaryBytes).toString('hex')
  const { parts, end } = multipart({ ranges, size, contentType, boundary })
  const pieces = parts.flatMap(({ head, range }) => [Buffer.from(head, 'latin1'), range])
  return {
    kind: 'several',
    type: multipartType(boundary),
    pieces: [...pieces, Buffer.from(end, 'latin1')],
  }
}
