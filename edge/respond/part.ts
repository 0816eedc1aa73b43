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

/** `lines` go into the head; `type` takes the place of Content-Type, '' when it stays. */
export type Part =
  | { kind: 'whole' }
  | { kind: 'unsatisfiable'; line: string }
  | { kind: 'one'; line: string; body: Uint8Array }
  | { kind: 'several'; type: string; body: Uint8Array }

const whole: Part = Object.freeze({ kind: 'whole' })

/**
 * `rangeField`: the combined value of Range; `contentType` of the whole, '' when it has none; more ranges than
 * `rangesMax` are answered with the whole.
 */
export function selectPart(
  rangeField: string | undefined,
  body: Uint8Array,
  contentType: string,
  rangesMax: number,
): Part {
  const size = body.length
  const selected = selectRanges({ rangeField, size, rangesMax })
  if (selected.kind === 'whole') return whole
  if (selected.kind === 'unsatisfiable') {
    return { kind: 'unsatisfiable', line: `Content-Range: ${unsatisfiedRange(size)}` }
  }
  const { ranges } = selected
  const [range] = ranges
  if (ranges.length > 1) return several(ranges, body, contentType)
  return {
    kind: 'one',
    line: `Content-Range: ${contentRange(range, size)}`,
    body: body.subarray(range.first, range.last + 1),
  }
}

function several(ranges: readonly ByteRange[], body: Uint8Array, contentType: string): Part {
  const boundary = boundaryFor(ranges, body)
  const { parts, end } = multipart({ ranges, size: body.length, contentType, boundary })
  const pieces = parts.flatMap(({ head, range }) => [
    Buffer.from(head, 'latin1'),
    body.subarray(range.first, range.last + 1),
  ])
  return {
    kind: 'several',
    type: multipartType(boundary),
    body: Buffer.concat([...pieces, Buffer.from(end, 'latin1')]),
  }
}

/** One that stands in none of the parts (RFC 2046 5.1.1); the same question about the same body gives the same. */
function boundaryFor(ranges: readonly ByteRange[], body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  for (let turn = 0; ; turn += 1) {
    const boundary = createHash('sha256')
      .update(JSON.stringify([turn, body.length, ranges]))
      .digest('hex')
      .slice(0, 36)
    if (!ranges.some(({ first, last }) => bytes.subarray(first, last + 1).includes(boundary))) return boundary
  }
}
