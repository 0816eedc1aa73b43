// What a Range makes of a stored response (RFC 9110 14.2): which parts of its body, and under which head.
import { rangeCounts } from './answer-conditions.js'
import { EntryFlag, type ResponseEntry } from './cache/entry.js'
import { datedAsStored } from './dated.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { varyingByEncoding } from './http/content-codings.js'
import { combinedValue, type Fields, firstValue } from './http/fields.js'
import { notModifiedTail, retypedBlock } from './respond/assemble.js'
import { type Part, selectPart } from './respond/part.js'
import type { Head } from './respond/responder.js'

/** A part of it, or none (416). */
export type StoredPart = Exclude<Part, { kind: 'whole' }>

/** Undefined when the whole is the answer. `size`: of the body. */
export function selectStored(
  x: Exchange,
  entry: ResponseEntry,
  size: number = entry.bodyBytes,
): StoredPart | undefined {
  if (x.method !== 'GET' || entry.status !== 200 || !rangeCounts(x, entry)) return undefined
  const contentType = firstValue(entry.received, 'content-type') ?? ''
  const rangeField = combinedValue(x.fields, 'range')
  const body = entry.isAtHand ? entry.body : undefined
  const { rangesMax } = x.site!.rules.cache
  const part = selectPart(rangeField, size, contentType, rangesMax, body)
  return part.kind === 'whole' ? undefined : part
}

/** `tail`: Age and Cache-Status. */
export function headOfPart(
  edge: Edge,
  x: Exchange,
  entry: ResponseEntry,
  part: StoredPart,
  tail: string,
): Head {
  return datedAsStored(x, undatedHead(edge, x, entry, part, tail), entry)
}

function undatedHead(edge: Edge, x: Exchange, entry: ResponseEntry, part: StoredPart, tail: string): Head {
  const identity = edge.config.cdnId
  switch (part.kind) {
    case 'unsatisfiable': {
      const block = entry.block.subarray(0, entry.notModifiedBytes)
      return { status: 416, block, tail: `${notModifiedTail(identity, tail)}\r\n${part.line}` }
    }
    case 'one':
      return { status: 206, block: entry.block, tail: `${tail}\r\n${part.line}` }
    case 'several': {
      const { hidden } = x.site!.rules
      const block = retypedBlock(toldOf(entry), part.type, identity, hidden, entry.storedAtMs)
      return { status: 206, block, tail }
    }
  }
}

/** As its own block has them. */
function toldOf({ flags, received }: ResponseEntry): Fields {
  const isFormed = (flags & (EntryFlag.compressible | EntryFlag.coded)) !== 0
  return isFormed ? varyingByEncoding(received) : received
}
