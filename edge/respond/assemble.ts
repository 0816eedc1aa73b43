// Makes the heads that clients get, from the fields an origin sent: for storing (once, so that a hit adds only Age and
// Cache-Status) and for an answer that streams through. Pure; sending them is write.ts's.
import { emptyCacheControl, parseCacheControl } from '../http/cache-control.js'
import { combinedValue, type Fields, firstValue } from '../http/fields.js'
import { type Freshness, freshness as freshnessOf } from '../http/freshness.js'
import { HOP_BY_HOP_NAMES, strippedNames } from '../http/hop-by-hop.js'
import { remembering } from '../http/remember.js'
import type { Head } from './responder.js'

/** The engine writes Date and framing itself; Age is counted on by us; the rest is of one connection (RFC 9110 7.6.1). */
const unsent = new Set(['date', 'age', 'content-length', ...HOP_BY_HOP_NAMES])

/** Fields of one value: of several lines the first goes on, by which we judge the response ourselves (RFC 9110 5.3). */
const singleNames = new Set([
  'content-location',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
])

const nothingHidden: ReadonlySet<string> = new Set()

/** What is known of a name as origins write it. */
const nameKind = remembering((name: string) => {
  const lower = name.toLowerCase()
  return { lower, isUnsent: unsent.has(lower), isSingle: singleNames.has(lower) }
})

/**
 * What a 304 must carry (RFC 9110 15.4.5), and what guides cache updates; they stand first in a stored block. So do
 * Via and Cache-Status of those behind us: ours come after them (RFC 9110 7.6.3, RFC 9211 2).
 */
const notModifiedNames = new Set([
  'cache-control',
  'cache-status',
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

interface Lines {
  /** Lower-case names of the lines, in their order. */
  names: string[]
  lines: string[]
}

/** Which lines of an answer without Expires go on to clients: their numbers. */
export function sentLines(fields: Fields, hidden: ReadonlySet<string>): number[] {
  const sent: number[] = []
  linesFor(fields, { lifetimeMs: 0, basis: 'none' }, undefined, hidden, sent)
  return sent
}

/** The lines for a client, without those that are the engine's or ours. */
function linesFor(
  fields: Fields,
  freshness: Freshness,
  receivedMs: number | undefined,
  hidden: ReadonlySet<string>,
  sent?: number[],
): Lines {
  const names: string[] = []
  const lines: string[] = []
  const stripped = strippedNames(fields)
  for (let i = 0; i < fields.length; i += 2) {
    const { lower: name, isUnsent, isSingle } = nameKind(fields[i])
    if (isUnsent || hidden.has(name) || stripped?.has(name)) continue
    if (isSingle && names.includes(name)) continue
    names.push(name)
    sent?.push(i / 2)
    lines.push(`${fields[i]}: ${fields[i + 1]}`)
  }
  const maxAge = maxAgeBesideExpires(fields, freshness, receivedMs)
  if (maxAge !== undefined) {
    names.push('cache-control')
    lines.push(`Cache-Control: max-age=${maxAge}`)
  }
  return { names, lines }
}

/**
 * Expires counts from Date, and the engine writes its own Date: so that nobody downstream computes another lifetime, a
 * max-age of the same meaning goes beside an Expires that rules for somebody there (RFC 9111 4.2.1, 5.3). It is what
 * the origin said by it, whatever rules here: a targeted field and the site's own times are for us.
 */
function maxAgeBesideExpires(
  fields: Fields,
  freshness: Freshness,
  receivedMs: number | undefined,
): number | undefined {
  if (firstValue(fields, 'expires') === undefined) return undefined
  const said = parseCacheControl(combinedValue(fields, 'cache-control'))
  // With no-store or no-cache there is no lifetime to compute.
  if (said.maxAge !== undefined || said.noCache || (said.noStore && !said.mustUnderstand)) return undefined
  if (freshness.basis === 'expires') return Math.floor(freshness.lifetimeMs / 1000)
  if (receivedMs === undefined) return undefined
  const byExpires = { status: 200, fields, cacheControl: emptyCacheControl(), responseTimeMs: receivedMs }
  return Math.floor(freshnessOf({ ...byExpires, heuristic: false, heuristicMaxMs: 0 }).lifetimeMs / 1000)
}

/**
 * The head to keep with a stored response: see `Head` for the form; its bare last line is `Age`. `receivedMs`: when the
 * response came, wall clock; an Expires that does not rule here is told downstream only with it.
 */
export function storedBlock(
  fields: Fields,
  freshness: Freshness,
  identity: string,
  hidden: ReadonlySet<string> = nothingHidden,
  receivedMs?: number,
): StoredBlock {
  const first: string[] = []
  const rest: string[] = []
  const { names, lines } = linesFor(fields, freshness, receivedMs, hidden)
  for (const [at, line] of lines.entries()) {
    if (notModifiedNames.has(names[at])) first.push(line)
    else rest.push(line)
  }
  const start = [...first, 'Via'].join('\r\n')
  const block = [`${start}: 1.1 ${identity}`, ...rest, 'Age'].join('\r\n')
  return { block: Buffer.from(block, 'latin1'), notModifiedBytes: start.length }
}

/** A stored block whose Content-Type is another: that of a multipart answer. */
export function retypedBlock(
  received: Fields,
  type: string,
  identity: string,
  hidden: ReadonlySet<string>,
  receivedMs?: number,
): Buffer {
  const fields = received.filter((_, at) => received[at - (at % 2)].toLowerCase() !== 'content-type')
  const unknown: Freshness = { lifetimeMs: 0, basis: 'none' }
  return storedBlock([...fields, 'Content-Type', type], unknown, identity, hidden, receivedMs).block
}

/** The value of Via that ends a 304's part of a block, and Age and Cache-Status behind it. */
export function notModifiedTail(identity: string, ageAndStatus: string): string {
  return `1.1 ${identity}\r\nAge: ${ageAndStatus}`
}

/** Age and Cache-Status as they follow a stored block. */
export function ageAndStatus(ageMs: number, cacheStatus: string): string {
  return `${Math.floor(ageMs / 1000)}\r\nCache-Status: ${cacheStatus}`
}

/**
 * The head of an answer that passes through; `ageMs` is what it had when it came (RFC 9111 4.2.3). An answer that came
 * from a cache says so with an Age of 0 too (RFC 9111 5.1).
 */
export function streamedHead(input: {
  status: number
  fields: Fields
  freshness: Freshness
  ageMs: number
  /** When it came, wall clock. */
  receivedMs: number
  identity: string
  cacheStatus: string
  /** Lower-case names of fields that clients do not get. */
  hidden?: ReadonlySet<string>
}): Head {
  const { fields, freshness, ageMs, receivedMs, hidden = nothingHidden } = input
  const { lines } = linesFor(fields, freshness, receivedMs, hidden)
  const hasAge = ageMs >= 1000 || firstValue(fields, 'age') !== undefined
  if (hasAge) lines.push(`Age: ${Math.floor(ageMs / 1000)}`)
  lines.push(`Via: 1.1 ${input.identity}`, 'Cache-Status')
  return {
    status: input.status,
    block: Buffer.from(lines.join('\r\n'), 'latin1'),
    tail: input.cacheStatus,
    lasts: 'ever',
  }
}
