// The part of a stored response that a Range asks for (RFC 9110 14, 15.3.7): one range, several as multipart, or that
// none can be had. Pure; sending it is write.ts's, whether a Range counts at all the caller's.
import { createHash } from 'node:crypto'
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

const boundaryCharacters = 36

const whole: Part = Object.freeze({ kind: 'whole' })

/**
 * `rangeField`: the combined value of Range; `size` and `contentType` of the whole, '' when it has none; more ranges than
 * `rangesMax` are answered with the whole. `body`: when it is at hand, so that no boundary stands in it.
 */
export function selectPart(
  rangeField: string | undefined,
  size: number,
  contentType: string,
  rangesMax: number,
  body?: Uint8Array,
): Part {
  const selected = selectRanges({ rangeField, size, rangesMax })
  if (selected.kind === 'whole') return whole
  if (selected.kind === 'unsatisfiable') {
    return { kind: 'unsatisfiable', line: `Content-Range: ${unsatisfiedRange(size)}` }
  }
  const { ranges } = selected
  const [range] = ranges
  if (ranges.length > 1) return several(ranges, size, contentType, body)
  return { kind: 'one', line: `Content-Range: ${contentRange(range, size)}`, pieces: [range] }
}

function several(
  ranges: readonly ByteRange[],
  size: number,
  contentType: string,
  body: Uint8Array | undefined,
): Part {
  const boundary = boundaryFor(ranges, size, body)
  const { parts, end } = multipart({ ranges, size, contentType, boundary })
  const pieces = parts.flatMap(({ head, range }) => [Buffer.from(head, 'latin1'), range])
  return {
    kind: 'several',
    type: multipartType(boundary),
    pieces: [...pieces, Buffer.from(end, 'latin1')],
  }
}

/**
 * The same question about the same body gives the same. RFC 2046 5.1.1: it stands in none of the parts; in a body that is
 * not at hand it would have to have been put by who made it, who then spoils only that.
 */
function boundaryFor(ranges: readonly ByteRange[], size: number, body: Uint8Array | undefined): string {
  for (let turn = 0; ; turn += 1) {
    const boundary = createHash('sha256')
      .update(JSON.stringify([turn, size, ranges]))
      .digest('hex')
      .slice(0, boundaryCharacters)
    if (body === undefined || !isIn(boundary, body, ranges)) return boundary
  }
}

function isIn(text: string, body: Uint8Array, ranges: readonly ByteRange[]): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return ranges.some(({ first, last }) => bytes.subarray(first, last + 1).includes(text))
}
