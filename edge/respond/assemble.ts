// Makes the heads that clients get, from the fields an origin sent: for storing (once, so that a hit adds only Age and
// Cache-Status) and for an answer that streams through. Pure; sending them is write.ts's.
import { parseCacheControl } from '../http/cache-control.js'
import { combinedValue, type Fields } from '../http/fields.js'
import type { Freshness } from '../http/freshness.js'
import { responseEndToEnd } from '../http/hop-by-hop.js'
import type { Head } from './responder.js'

/** The engine writes Date and framing itself; Age is counted on by us. */
const ownedByUs = new Set(['date', 'age'])

const nothingHidden: ReadonlySet<string> = new Set()

/**
 * What a 304 must carry (RFC 9110 15.4.5), and what guides cache updates; they stand first in a stored block. So does
 * Via of those behind us: ours comes after it (RFC 9110 7.6.3).
 */
const notModifiedNames = new Set([
  'cache-control',
  'cdn-cache-control',
  'content-location',
  'etag',
  'expires',
  'last-modified',
  'vary',
  'via',
])

export interface StoredBlock {
  block: Buffer
  /** Length of the part that ends with the bare name `Via`: the head of a 304 is this and `notModifiedTail`. */
  notModifiedBytes: number
}

/** The lines for a client, without those that are the engine's or ours. */
function linesFor(
  fields: Fields,
  freshness: Freshness,
  hidden: ReadonlySet<string>,
): { name: string; line: string }[] {
  const lines: { name: string; line: string }[] = []
  const kept = responseEndToEnd(fields)
  for (let i = 0; i < kept.length; i += 2) {
    const name = kept[i].toLowerCase()
    if (!ownedByUs.has(name) && !hidden.has(name)) lines.push({ name, line: `${kept[i]}: ${kept[i + 1]}` })
  }
  const maxAge = maxAgeBesideExpires(fields, freshness)
  if (maxAge !== undefined) lines.push({ name: 'cache-control', line: `Cache-Control: max-age=${maxAge}` })
  return lines
}

/**
 * Expires counts from Date, and the engine writes its own Date: so that nobody downstream computes a longer lifetime,
 * a max-age of the same meaning goes beside an Expires that would rule (RFC 9111 4.2.1, 5.3).
 */
function maxAgeBesideExpires(fields: Fields, freshness: Freshness): number | undefined {
  if (combinedValue(fields, 'expires') === undefined) return undefined
  if (parseCacheControl(combinedValue(fields, 'cache-control')).maxAge !== undefined) return undefined
  return freshness.basis === 'expires' ? Math.floor(freshness.lifetimeMs / 1000) : undefined
}

/** The head to keep with a stored response: see `Head` for the form; its bare last line is `Age`. */
export function storedBlock(
  fields: Fields,
  freshness: Freshness,
  identity: string,
  hidden: ReadonlySet<string> = nothingHidden,
): StoredBlock {
  const first: string[] = []
  const rest: string[] = []
  for (const { name, line } of linesFor(fields, freshness, hidden)) {
    if (notModifiedNames.has(name)) first.push(line)
    else rest.push(line)
  }
  const start = [...first, 'Via'].join('\r\n')
  const block = [`${start}: 1.1 ${identity}`, ...rest, 'Age'].join('\r\n')
  return { block: Buffer.from(block, 'latin1'), notModifiedBytes: start.length }
}

/** A stored block whose Content-Type is another: that of a multipart answer. What Expires said went into it before. */
export function retypedBlock(
  received: Fields,
  type: string,
  identity: string,
  hidden: ReadonlySet<string>,
): Buffer {
  const fields = received.filter((_, at) => received[at - (at % 2)].toLowerCase() !== 'content-type')
  const unknown: Freshness = { lifetimeMs: 0, basis: 'none' }
  return storedBlock([...fields, 'Content-Type', type], unknown, identity, hidden).block
}

/** The value of Via that ends a 304's part of a block, and Age and Cache-Status behind it. */
export function notModifiedTail(identity: string, ageAndStatus: string): string {
  return `1.1 ${identity}\r\nAge: ${ageAndStatus}`
}

/** Age and Cache-Status as they follow a stored block. */
export function ageAndStatus(ageMs: number, cacheStatus: string): string {
  return `${Math.floor(ageMs / 1000)}\r\nCache-Status: ${cacheStatus}`
}

/** The head of an answer that passes through; `ageMs` is what it had when it came (RFC 9111 4.2.3). */
export function streamedHead(input: {
  status: number
  fields: Fields
  freshness: Freshness
  ageMs: number
  identity: string
  cacheStatus: string
  /** Lower-case names of fields that clients do not get. */
  hidden?: ReadonlySet<string>
}): Head {
  const lines = linesFor(input.fields, input.freshness, input.hidden ?? nothingHidden).map(({ line }) => line)
  if (input.ageMs >= 1000) lines.push(`Age: ${Math.floor(input.ageMs / 1000)}`)
  lines.push(`Via: 1.1 ${input.identity}`, 'Cache-Status')
  return {
    status: input.status,
    block: Buffer.from(lines.join('\r\n'), 'latin1'),
    tail: input.cacheStatus,
  }
}
