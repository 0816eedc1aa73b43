// The sentences of an explanation: each one fact, in the order in which the path came to know it. Pure.
import type { Asked, ExpiredReason, PassReason, Verdict } from '../cache/decide.js'
import { type Exchange, Mark } from '../exchange.js'
import { invalidates } from '../http/invalidation.js'
import type { ByteRange } from '../http/ranges.js'
import { originConditions } from '../http/validators.js'
import type { Refusal } from '../respond/refuse.js'
import type { EntryView, Explanation, VariantsView } from './explanation.js'
import { formWords } from './form-view.js'
import { fieldName, listed } from './words.js'

/** Everything but the sentences themselves. */
export type Known = Omit<Explanation, 'why'>

/** What happens when the origin has to be asked. */
export type Onward = 'unneeded' | 'open' | Refusal

export interface Course {
  /** The target as the client would send it. */
  readonly received: string
  readonly x: Exchange
  readonly asked: Asked
  readonly verdict: Verdict
  /** The block that is asked for of what is absent; else the whole is. */
  readonly slice?: ByteRange | undefined
  /** What is stored was invalidated since it was asked for (RFC 9111 4.4, RFC 9875). */
  readonly isInvalidated: boolean
  /** What the conditions of the client make of an answer from the store. */
  readonly conditions: 200 | 304 | 412
  readonly onward: Onward
}

/** `course`: undefined when the request is refused before anything is looked up. */
export function why(known: Known, course: Course | undefined): string[] {
  const { refusal, site } = known
  if (course === undefined) {
    return [`The edge itself refuses it with ${refusal?.status} ${refusal?.code}: ${refusal?.message}`]
  }
  const { received, x, onward } = course
  return [
    `The site ${site} answers for the host ${x.host}.`,
    ...targetFacts(known, received),
    ...storedFacts(known, course),
    ...verdictFacts(known, course),
    ...onwardFacts(onward),
  ]
}

function onwardFacts(onward: Onward): string[] {
  if (typeof onward === 'string') return []
  const { status, code, message } = onward
  return [`But the origin is not asked: the client gets ${status} ${code}. ${message}`.trimEnd()]
}

function targetFacts({ governedTarget }: Known, received: string): string[] {
  if (governedTarget === received) return []
  return [`The target ${received} is keyed, and asked of the origin, as ${governedTarget}.`]
}

function storedFacts(known: Known, { x, verdict, isInvalidated }: Course): string[] {
  const { variants, entry, freshness, policy } = known
  const facts = variants === null ? [] : variantFacts(variants)
  const isPurged = (x.marks & Mark.purged) !== 0
  if (entry === null || freshness === null) {
    if (isPurged) facts.push('What was stored for it was purged, and is on its way out of the store.')
    else if (isInvalidated)
      facts.push('What was stored for it was invalidated, and is on its way out of the store.')
    else if (wasLookedUp(verdict) && variants === null) facts.push('Nothing is stored under its key.')
    return facts
  }
  facts.push(`A ${entry.status} of ${entry.bodyBytes} bytes is stored, since ${entry.storedAt}.`)
  facts.push(`Its lifetime: ${freshness.words}.`)
  if (policy !== null && policy.rule !== 'origin') facts.push(`The site forces times on it: ${policy.rule}.`)
  if (isPurged) facts.push('It was purged softly since: it is stale from then on.')
  else if (!freshness.agrees) {
    facts.push(
      'The rules of the site or its settings have changed since it was stored; they count for what comes from now on.',
    )
  }
  for (const flag of entry.flags) facts.push(`It is ${flag}.`)
  if (known.form !== null) facts.push(formWords(known.form))
  if (isInvalidated) facts.push('One of its groups was invalidated since: it has to be validated.')
  return facts
}

function wasLookedUp(verdict: Verdict): boolean {
  return verdict.kind !== 'pass' || verdict.reason.endsWith('miss')
}

function variantFacts({ sets, storedCount, selected }: VariantsView): string[] {
  const facts = [`The URL is stored in ${storedCount} ${storedCount === 1 ? 'variant' : 'variants'}.`]
  for (const { varyNames, selects, isStored } of sets) facts.push(setWords(varyNames, selects, isStored))
  if (selected === null) facts.push('None of the variants answers this request.')
  else if (!sets.some(({ selects, isStored }) => isStored && selects === selected)) {
    facts.push(`By the language that it prefers it is answered with the variant ${selected}.`)
  }
  return facts
}

function setWords(varyNames: readonly string[], selects: string, isStored: boolean): string {
  if (varyNames.length === 0 && selects === '')
    return 'One was stored before the URL varied, and answers everybody.'
  const names = varyNames.length === 0 ? 'the key fields of the site' : listed(varyNames.map(fieldName))
  return `By ${names} the request selects ${selects}, which is ${isStored ? '' : 'not '}stored.`
}

function verdictFacts(known: Known, course: Course): string[] {
  const { verdict } = course
  switch (verdict.kind) {
    case 'fresh':
      return ['It is fresh: it is served without asking the origin.', ...conditionFacts(course)]
    case 'stale':
      return [...staleFacts(known), ...conditionFacts(course)]
    case 'expired':
      return expiredFacts(known, verdict.reason)
    case 'absent':
      return [absentWords(course)]
    case 'pass':
      return passFacts(verdict.reason, course)
  }
}

function absentWords({ slice }: Course): string {
  if (slice === undefined) return 'The origin is asked for the whole, which is stored if it may be.'
  const range = `bytes ${slice.first} to ${slice.last}`
  return `The origin is asked for ${range}, the block in which what is wanted begins; it and those that follow are stored if they may be.`
}

/** RFC 9110 13.2.2. */
function conditionFacts({ conditions }: Course): string[] {
  if (conditions === 200) return []
  return [`The condition that the client sets is answered: it gets ${conditions}, without the body.`]
}

function staleFacts({ stale }: Known): string[] {
  const { allowed, words } = stale?.whileRevalidating ?? { allowed: false, words: '' }
  return [
    allowed
      ? `May it be served while it is asked for anew? ${capital(words)}.`
      : 'The client takes it this stale (max-stale), and the site honours what clients say.',
    'It is served at once, and asked for anew behind the answer.',
  ]
}

function passFacts(reason: PassReason, { asked, x }: Course): string[] {
  return [passWords(reason, asked), `The origin is asked as the client asked; ${outcomeWords(asked, x)}.`]
}

/** What cache/affect makes of the answer. */
function outcomeWords({ method }: Asked, x: Exchange): string {
  // RFC 9111 4.3.5, 4.4 and RFC 9110 9.3.3.
  if (method === 'HEAD' && x.storedKey !== '')
    return 'its answer updates what is stored, or takes it out of use'
  if (!invalidates(method, 200)) return 'nothing of its answer is stored'
  const outcome = 'a 2xx or 3xx takes what is stored for this URL out of use'
  if (method !== 'POST') return outcome
  return `${outcome}, and is stored itself if it has explicit freshness and a Content-Location that is this URL`
}

function passWords(reason: PassReason, asked: Asked): string {
  switch (reason) {
    case 'method':
      return `${asked.method} is not answered from the cache; only GET and HEAD are.`
    case 'request':
      // RFC 9110 9.3.1: what such a body means is between client and origin.
      return asked.hasBody
        ? 'The request has a body, so it is neither looked up nor stored.'
        : 'The client does not take what is stored as it is, and HEAD leads no fetch that is stored.'
    case 'bypass':
      if ((asked.marks & Mark.webSocket) !== 0)
        return 'It asks for a WebSocket, which is between client and origin: nothing is looked up.'
      return 'The client says no-store, and the site honours what clients say.'
    case 'stale':
      return 'HEAD leads no fetch that is stored, so what is stored is not validated first.'
    case 'uri-miss':
    case 'vary-miss':
      return absentPassWords(asked)
  }
}

function absentPassWords({ method, marks }: Asked): string {
  if (method === 'HEAD') return 'Nothing stored answers it, and HEAD leads no fetch that is stored.'
  if ((marks & Mark.range) !== 0) return 'Nothing stored answers it, and a part (Range) is no whole to store.'
  return 'Nothing stored answers it, and If-Match or If-Unmodified-Since is a question to the origin.'
}

function expiredFacts({ entry, stale }: Known, reason: ExpiredReason): string[] {
  return [
    ...expiredWords(reason, entry?.ttlSeconds ?? 0),
    `May it be served while it is asked for anew? ${capital(stale?.whileRevalidating.words)}.`,
    `The origin is asked ${questionWords(entry)}.`,
    `May it be served when the origin answers an error? ${capital(stale?.onError.words)}.`,
    `May it be served when the origin cannot be reached? ${capital(stale?.whenUnreachable.words)}.`,
  ]
}

function expiredWords(reason: ExpiredReason, ttlSeconds: number): string[] {
  if (reason === 'request') {
    return [
      'The client does not take it as it is, and the site honours what clients say (Cache-Control, Pragma).',
    ]
  }
  return ttlSeconds > 0 ? ['It may not be used unasked.'] : []
}

/** RFC 9111 4.3.1. */
function questionWords(entry: EntryView | null): string {
  const conditions = originConditions({ etag: entry?.etag ?? '', lastModified: entry?.lastModified ?? '' })
  const names = conditions.filter((_, index) => index % 2 === 0).map(name => fieldName(name.toLowerCase()))
  return names.length === 0
    ? 'unconditionally, since it has no validator'
    : `whether it has changed (${listed(names)})`
}

function capital(text: string | undefined): string {
  return text === undefined ? '' : text.charAt(0).toUpperCase() + text.slice(1)
}
