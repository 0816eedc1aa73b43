// Which block of an object is asked for first, when it may be one that is kept in blocks.
import type { ResponseEntry } from '../cache/entry.js'
import type { Edge } from '../edge.js'
import { type Exchange, Mark } from '../exchange.js'
import { firstByteAsked } from '../http/content-range.js'
import { combinedValue } from '../http/fields.js'
import type { ByteRange } from '../http/ranges.js'

/** `alone`: the client's own question is passed on; undefined: the whole is asked for. */
export type Slice = ByteRange | 'alone' | undefined

/** `stored`: what has to be confirmed, if there is something. */
export function chooseSlice(edge: Edge, x: Exchange, stored: ResponseEntry | undefined): Slice {
  const isRange = (x.marks & Mark.range) !== 0
  const first = isRange ? firstByteAsked(combinedValue(x.fields, 'range') ?? '') : undefined
  if (stored !== undefined) return stored.slices && sliceOfStored(first ?? 0, stored.slices)
  if (!isRange) return undefined
  const isUsual = edge.store.bodies !== undefined && x.site!.config.cache.slices
  // RFC 9111 3.5: for its credentials a client may get what nobody else does.
  const isForOne = combinedValue(x.fields, 'authorization') !== undefined
  if (first === undefined || !isUsual || isForOne || edge.slices.isUseless(x.key)) return 'alone'
  return sliceAt(first, edge.config.cache.sliceBytes)
}

function sliceOfStored(
  first: number,
  { sliceBytes, bytes }: { sliceBytes: number; bytes: number },
): ByteRange {
  return sliceAt(first < bytes ? first : 0, sliceBytes)
}

function sliceAt(position: number, sliceBytes: number): ByteRange {
  const first = position - (position % sliceBytes)
  return { first, last: first + sliceBytes - 1 }
}
