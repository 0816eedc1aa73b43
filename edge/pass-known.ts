// Passes an answer whose head is like others before it, and of which it is known that nobody keeps it, without reading it:
// what relay.ts found out of the first of its shape holds for all of them (learnPassage). Any other is read whole.

import { saidOf } from './begin.js'
import type { Answer } from './cache/answer.js'
import type { CacheRules } from './cache/rules.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import type { AnswerShape, KnownAnswer, LineMask } from './fetch/known-answer.js'
import type { ForwardReason } from './http/cache-status.js'
import type { Fields } from './http/fields.js'
import { initialAgeMs } from './http/freshness.js'
import type { StoreRefusal } from './http/storable.js'
import type { Plan } from './plan.js'
import { sentLines } from './respond/assemble.js'
import { reserveForTurn, turnBuffer } from './respond/opened.js'

/** How answers of one shape pass, by the rules of one site. */
export interface Passage {
  readonly verdict: Answer['verdict']
  /** The lines that clients get. */
  readonly lines: LineMask
  /** Cache-Status of those that were asked for all and waited for nobody, by why they were asked for. */
  readonly said: Map<ForwardReason, string>
}

/** Answers of this shape are read whole. */
const unpassable = Object.freeze({})

/** Nothing but the shape decides these, the last one only without validators (RFC 9111 3). */
const lasting: ReadonlySet<string> = new Set<StoreRefusal>([
  'no-store',
  'private',
  'vary-star',
  'vary-coding',
  'set-cookie',
  'no-freshness',
])

/** What counts of these is their value. */
const timeNames: ReadonlySet<string> = new Set(['age', 'expires'])
const validatorNames: ReadonlySet<string> = new Set(['etag', 'last-modified'])

/** `unknown`: the next answer may be learned from; undefined: this one is to be read whole. */
export function passageOf(
  x: Exchange,
  plan: Plan,
  { passages }: AnswerShape,
): Passage | 'unknown' | undefined {
  if (!isPlain(x, plan)) return undefined
  const passage = passages.get(x.site!.rules)
  if (passage === undefined) return 'unknown'
  return passage === unpassable ? undefined : (passage as Passage)
}

/** Nothing of the request asks for more than that its answer passes if it is not stored, nor is there anything to compare. */
function isPlain(x: Exchange, plan: Plan): boolean {
  if (x.method !== 'GET' || x.storedKey !== '' || x.image !== undefined || plan.stored !== undefined)
    return false
  if (plan.kind === 'shared' && plan.slice !== undefined) return false
  return x.ordinaryLines?.() !== undefined
}

/** `answer`: to a request for which `passageOf` said that it is unknown. */
export function learnPassage(
  { passages, names }: AnswerShape,
  { rules }: { rules: CacheRules },
  answer: Answer,
): void {
  passages.set(rules, mayPass(names, rules, answer) ? makePassage(rules, answer) : unpassable)
}

function mayPass(
  names: readonly string[],
  rules: CacheRules,
  { status, verdict, fields, cacheControl }: Answer,
): boolean {
  // What may be stored, may stand for an error, or has no body, is not for here.
  if (status >= 400 || status === 204 || status === 205 || status === 304) return false
  if (verdict.store || !lasting.has(verdict.reason) || names.some(name => timeNames.has(name))) return false
  if (verdict.reason === 'no-freshness' && names.some(name => validatorNames.has(name))) return false
  const { policy, cache, forms } = rules
  // A rule of the site may look at the path; a field that rules must be one whose value is part of the shape.
  if (policy.rules.length > 0 || policy.isSmart || !cache.targets.every(name => name.endsWith('-control')))
    return false
  return forms?.mayPassCoded(status, withoutLength(fields), cacheControl.noTransform) !== true
}

/** It may be too short to be compressed. */
function withoutLength(fields: Fields): Fields {
  return fields.filter((_, at) => fields[at - (at % 2)]!.toLowerCase() !== 'content-length')
}

function makePassage({ hidden }: CacheRules, { verdict, fields }: Answer): Passage {
  let [low, high] = [0, 0]
  for (const line of sentLines(fields, hidden)) {
    if (line < 32) low |= 1 << line
    else high |= 1 << (line - 32)
  }
  return { verdict, lines: [low >>> 0, high >>> 0], said: new Map() }
}

/** Begins to answer as begin.ts would. `sentMs`: when the origin was asked, wall clock. */
export function passKnown(
  edge: Edge,
  x: Exchange,
  known: KnownAnswer,
  passage: Passage,
  kind: Plan['kind'],
  sentMs: number,
): void {
  const { status, dateMs, contentLength } = known
  if (edge.isDraining) x.responder.closeAfter = true
  const responseTimeMs = Date.now()
  const requestTimeMs = Math.floor(sentMs)
  const ageMs = initialAgeMs({ dateMs, ageValueMs: 0, requestTimeMs, responseTimeMs })
  const tail = said(edge, x, status, passage, kind)
  const behind = lastLines(edge.config.cdnId, Math.floor(ageMs / 1000))
  const block = blockOf(known, passage.lines, behind)
  x.status = status
  x.responder.open({ status, block, tail, lasts: 'turn' }, contentLength)
}

function blockOf(known: KnownAnswer, lines: LineMask, behind: Uint8Array): Uint8Array {
  const bytes = known.roomBytes(behind)
  const at = reserveForTurn(bytes)
  const [room, from] = at < 0 ? [Buffer.allocUnsafe(bytes), 0] : [turnBuffer, at]
  return room.subarray(from, from + known.linesWith(lines, behind, room, from))
}

function said(edge: Edge, x: Exchange, status: number, passage: Passage, kind: Plan['kind']): string {
  const { verdict, said } = passage
  const isShared = kind === 'shared'
  const say = () => saidOf(edge, x, { status, verdict }, { isShared, isStored: false })
  if (!isShared || x.followed !== undefined || verdict.store) return say()
  const before = said.get(x.reason)
  if (before === undefined) said.set(x.reason, say())
  x.detail = verdict.reason
  return before ?? said.get(x.reason)!
}

let plainLines = { identity: '', bytes: Buffer.alloc(0) }

/** Via and the bare name behind it, see `Head`; RFC 9111 5.1: Age, if it has one. */
function lastLines(identity: string, ageSeconds: number): Buffer {
  const lines = `Via: 1.1 ${identity}\r\nCache-Status`
  if (ageSeconds > 0) return Buffer.from(`Age: ${ageSeconds}\r\n${lines}`, 'latin1')
  if (plainLines.identity !== identity) plainLines = { identity, bytes: Buffer.from(lines, 'latin1') }
  return plainLines.bytes
}
