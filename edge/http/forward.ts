// The fields of a request to the origin (RFC 9110 7.6, RFC 8586): what came, less what was meant for us, plus who we
// are. Framing is the origin client's; whether a looping request is refused is the caller's to decide.
import { allValues, combinedValue, type Fields } from './fields.js'
import { HOP_BY_HOP_NAMES, strippedNames } from './hop-by-hop.js'
import { parseDeltaSeconds, splitList, splitParameters } from './tokens.js'
import { traceIdOf } from './trace-context.js'
import { CONDITIONS } from './validators.js'

/** 'replace' believes nobody; 'append' is for a site behind a proxy of its own. */
export type ForwardedFor = 'replace' | 'append'

export interface ForwardInput {
  /** The client's fields as received. */
  fields: Fields
  method: string
  /** The value of Host to send. */
  host: string
  /** What the client connected with. */
  clientAddress: string
  scheme: string
  originalHost: string
  cdnId: string
  forwardedFor: ForwardedFor
  /** Conditions of our own, from `originConditions`; they take the place of the client's. */
  conditions: readonly string[]
  /** True when the whole response is wanted for storing. */
  dropConditions: boolean
  dropRange: boolean
  /** Lower-case names of further fields that are not sent. */
  dropped?: ReadonlySet<string> | undefined
}

/** What is special about a field of a request, as bits. */
const Kind = {
  /** Never sent on as it came: ours (Host, framing, lists with our member), for us alone (Expect), or one hop's. */
  rewritten: 1,
  condition: 2,
  range: 4,
  /** What a client says about itself in the name of a proxy is not to be believed. */
  forwarded: 8,
  /** Max-Forwards. */
  counted: 16,
  /** Whose trace it is, when that cannot be read. */
  traced: 32,
} as const

const kinds = new Map<string, number>([
  ...['host', 'content-length', 'expect', 'via', 'cdn-loop', 'x-forwarded-for'].map(
    name => [name, Kind.rewritten] as const,
  ),
  ...HOP_BY_HOP_NAMES.map(name => [name, Kind.rewritten] as const),
  ...CONDITIONS.map(name => [name, Kind.condition] as const),
  ['range', Kind.range],
  ['if-range', Kind.range],
  ['forwarded', Kind.forwarded],
  ['max-forwards', Kind.counted],
  ['traceparent', Kind.traced],
  ['tracestate', Kind.traced],
])

/** Lower-case names of the fields that may not go on as they came. */
export const watchedNames: readonly string[] = [...kinds.keys()]

function droppedKinds(input: ForwardInput): number {
  let dropped: number = Kind.rewritten
  if (input.dropConditions || input.conditions.length > 0) dropped |= Kind.condition
  if (input.dropRange) dropped |= Kind.range
  if (input.forwardedFor === 'replace') dropped |= Kind.forwarded
  // W3C Trace Context 4.3: who cannot read the one says nothing of the other either.
  if (traceIdOf(input.fields) === undefined) dropped |= Kind.traced
  return dropped
}

/** RFC 9110 7.6.2: the methods whose way Max-Forwards limits; it means nothing with others. */
const COUNTED_METHODS = new Set(['OPTIONS', 'TRACE'])

/** True when the request may go no further: whoever gets it answers it (RFC 9110 7.6.2). Of several lines any counts. */
export function isLastHop(method: string, fields: Fields): boolean {
  if (!COUNTED_METHODS.has(method)) return false
  return allValues(fields, 'max-forwards').some(value => parseDeltaSeconds(value) === 0)
}

/** RFC 9110 7.6.2: one hop less. That 0 is not forwarded at all is the caller's. */
function countDown(value: string): string {
  const hops = parseDeltaSeconds(value)
  return hops === undefined ? value : `${Math.max(hops - 1, 0)}`
}

/** `member` behind what `name` already lists. */
function appended(fields: Fields, name: string, member: string): string {
  const before = combinedValue(fields, name)
  return before === undefined || before === '' ? member : `${before}, ${member}`
}

/** A list with our member at its end would be hidden by a quote that the client left open. */
function hasOpenQuote(text: string): boolean {
  let open = false
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') open = !open
    else if (text[i] === '\\' && open) i++
  }
  return open
}

/** How often CDN-Loop names `cdnId` (RFC 8586 2). Parameters are ignored, names compared in any case. */
export function loopCount(fields: Fields, cdnId: string): number {
  const value = combinedValue(fields, 'cdn-loop')
  if (value === undefined) return 0
  const members = hasOpenQuote(value) ? value.replaceAll('"', '').split(',') : splitList(value)
  const own = cdnId.toLowerCase()
  return members.filter(member => splitParameters(member)[0]?.toLowerCase() === own).length
}

/** X-Forwarded-*: ours, except that behind a trusted proxy what it says of the client's side is kept. */
function forwardedFields(input: ForwardInput): string[] {
  const isTrusted = input.forwardedFor === 'append'
  const { fields, clientAddress } = input
  const chain = isTrusted ? appended(fields, 'x-forwarded-for', clientAddress) : clientAddress
  const added = ['X-Forwarded-For', chain]
  const isKept = (name: string) => isTrusted && allValues(fields, name).length > 0
  if (!isKept('x-forwarded-proto')) added.push('X-Forwarded-Proto', input.scheme)
  if (!isKept('x-forwarded-host')) added.push('X-Forwarded-Host', input.originalHost)
  return added
}

/** The flat list of fields to send: Host first, then what came in its order, then ours. Framing is never among them. */
export function requestToOrigin(input: ForwardInput): string[] {
  const { fields: received, cdnId, forwardedFor, method } = input
  const stripped = strippedNames(received)
  const dropped = droppedKinds(input)
  const fields = ['Host', input.host]
  for (let i = 0; i < received.length; i += 2) {
    const name = received[i].toLowerCase()
    const kind = kinds.get(name) ?? 0
    if ((kind & dropped) !== 0 || stripped?.has(name) || input.dropped?.has(name)) continue
    if (forwardedFor === 'replace' && name.startsWith('x-forwarded-')) continue
    const isCounted = kind === Kind.counted && COUNTED_METHODS.has(method)
    fields.push(received[i], isCounted ? countDown(received[i + 1]) : received[i + 1])
  }
  fields.push(...input.conditions, 'Via', appended(received, 'via', `1.1 ${cdnId}`))
  fields.push(...forwardedFields(input), 'CDN-Loop', appended(received, 'cdn-loop', cdnId))
  return fields
}
