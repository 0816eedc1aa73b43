// An object in blocks, as one request sees it: its head, and in whose name blocks that are not there are asked for.

import { behind } from '../behind.js'
import type { ResponseEntry } from '../cache/entry.js'
import { blockKey, blockRange, type SliceMap } from '../cache/slices.js'
import type { Edge } from '../edge.js'
import type { Exchange } from '../exchange.js'
import { fieldBytes } from '../fetch/field-bytes.js'
import { type Fields, firstValue } from '../http/fields.js'
import { dateValueMs } from '../http/freshness.js'
import { ifRangeHolds } from '../http/ranges.js'

export interface SlicedObject {
  readonly edge: Edge
  /** Like the request, without its client. */
  readonly asker: Exchange
  /** On its own bytes. */
  readonly head: ResponseEntry
  readonly map: SliceMap
}

/** `head` does not depend on the store's view. Before the accepting call returns, or for one that asked before. */
export function slicedObject(edge: Edge, x: Exchange, head: ResponseEntry): SlicedObject {
  x.askFields ??= fieldBytes(x)
  return { edge, asker: behind(x), head, map: head.slices! }
}

export function keyOfBlock({ asker, map }: SlicedObject, index: number): string {
  return blockKey(asker.key, map, index)
}

/** The block as the store has it, a view of it; undefined when it is not there. */
export function storedBlock(object: SlicedObject, index: number): ResponseEntry | undefined {
  const { edge, map } = object
  const entry = edge.store.get(keyOfBlock(object, index), Date.now())
  const { first, last } = blockRange(map, index)
  return entry?.kind === 'response' && entry.bodyBytes === last - first + 1 ? entry : undefined
}

/** What parts of a response are told from those of another state by; see `strongValidator`. */
type Validated = Pick<ResponseEntry, 'etag' | 'lastModified' | 'received' | 'storedAtMs'>

/**
 * The validator that is good enough to put parts together by, for If-Range: undefined without a strong one
 * (RFC 9110 8.8.1, 13.1.5).
 */
export function strongValidator({ etag, lastModified, received, storedAtMs }: Validated): string | undefined {
  const dateMs = dateValueMs(received, storedAtMs)
  const validator = etag === '' ? lastModified : etag
  if (validator === '') return undefined
  const isStrong = ifRangeHolds({ ifRange: validator, etag, lastModified, dateMs, now: storedAtMs })
  return isStrong ? validator : undefined
}

/** RFC 9110 15.3.7.3: parts are of one whole when their strong validators are the same, and so is its length. */
export function isOfSameState(
  { head, map }: Pick<SlicedObject, 'head' | 'map'>,
  fields: Fields,
  size: number,
): boolean {
  if (size !== map.bytes) return false
  if (head.etag !== '') return firstValue(fields, 'etag') === head.etag
  // RFC 9110 15.3.7: beside If-Range it may be left out.
  const lastModified = firstValue(fields, 'last-modified')
  return lastModified === undefined || lastModified === head.lastModified
}
