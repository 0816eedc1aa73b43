// An explanation as lines for a terminal: the answer first, then why, then the numbers. Pure.
import type { EntryView, Explanation, FreshnessView, StaleView, VariantsView } from './explanation.js'
import type { Fault } from './question.js'
import { leftWords } from './sums.js'
import { duration, grouped } from './words.js'

/** Wide enough for the longest label. */
const labelWidth = 12

/** Lines end in a line feed, and hold no other control character. */
export function renderText(explanation: Explanation): string {
  const { request, site, key, governedTarget, variants, entry, freshness, policy, stale } = explanation
  const lines = [
    `${request.method} ${request.url}`,
    ...request.fields.map(([name, value]) => `${name}: ${value}`),
    '',
    `${explanation.verdict.toUpperCase()}: ${headline(explanation)}`,
    '',
    ...explanation.why.map((fact, index) => `${String(index + 1).padStart(2)}. ${fact}`),
    '',
    ...row('at', explanation.at),
    ...row('site', site),
    ...row('target', governedTarget),
    ...row('key', key),
    ...(variants === null ? [] : variantLines(variants)),
    ...(entry === null ? [] : entryLines(entry, freshness)),
    ...(policy === null ? [] : row('policy', policy.rule === 'origin' ? 'as the origin says' : policy.rule)),
    ...(stale === null ? [] : staleLines(stale)),
    ...(entry === null
      ? []
      : ['', 'stored fields', ...entry.received.map(([name, value]) => `  ${name}: ${value}`)]),
  ]
  return lines.map(line => `${printable(line)}\n`).join('')
}

export function renderFault({ code, message, expected }: Fault): string {
  return `${printable(`${code}: ${message}`)}\n${printable(`expected ${expected}`)}\n`
}

/** The verdict in words. */
function headline({ verdict, entry, freshness, refusal, variants }: Explanation): string {
  const left = leftWords((entry?.ttlSeconds ?? 0) * 1_000)
  switch (verdict) {
    case 'fresh':
      return `a hit, ${left}`
    case 'stale':
      return `a hit although ${left}; the origin is asked behind it`
    case 'expired':
      return freshness !== null && freshness.ttlSeconds > 0
        ? 'stored and in time, but the origin is asked first'
        : `stored, but ${left}; the origin is asked first`
    case 'absent':
      return variants === null ? 'a miss, nothing is stored' : 'a miss, this variant is not stored'
    case 'pass':
      return 'goes to the origin, past the cache'
    case 'refused':
      return `answered ${refusal?.status} ${refusal?.code} by the edge itself`
  }
}

function variantLines({ sets, stored, storedCount, selected }: VariantsView): string[] {
  const more = storedCount > stored.length ? [`${grouped(storedCount - stored.length)} more`] : []
  return [
    ...sets.flatMap(({ varyNames, selects, isStored }) =>
      row(
        'varies on',
        `${varyNames.join(', ') || 'nothing'}: ${nameOf(selects)} ${isStored ? '(stored)' : '(not stored)'}`,
      ),
    ),
    ...[
      ...stored.map(name => (name === selected ? `${nameOf(name)}  <- this one` : nameOf(name))),
      ...more,
    ].flatMap((line, index) => row(index === 0 ? 'variants' : '', line)),
  ]
}

function nameOf(variant: string): string {
  return variant === '' ? 'everybody' : variant
}

function entryLines(entry: EntryView, freshness: FreshnessView | null): string[] {
  const { ageSeconds, lifetimeSeconds } = entry
  const age = `${duration(ageSeconds * 1_000)} of ${duration(lifetimeSeconds * 1_000)}`
  return [
    ...row('stored', `${entry.status}, ${grouped(entry.bodyBytes)} bytes, under ${entry.storedKey}`),
    ...row('stored at', entry.storedAt),
    ...row('fresh until', `${entry.freshUntil} (age ${age})`),
    ...row('lifetime', freshness?.words ?? null),
    ...row('etag', entry.etag),
    ...row('modified', entry.lastModified),
    ...row('flags', entry.flags.join(', ')),
    ...row('vary', entry.vary.join(', ')),
    ...row('groups', entry.groups.join(', ')),
    ...row('tags', entry.tags.join(', ')),
  ]
}

function staleLines({ whileRevalidating, onError, whenUnreachable }: StaleView): string[] {
  return [
    ...row('stale use', `while revalidating: ${whileRevalidating.words}`),
    ...row('', `origin answers an error: ${onError.words}`),
    ...row('', `origin unreachable: ${whenUnreachable.words}`),
  ]
}

/** One line, or none when there is nothing to say. */
function row(label: string, value: string | null): string[] {
  return value === null || value === '' ? [] : [`${label.padEnd(labelWidth)} ${value}`]
}

/** What an origin sends must not move the cursor of whoever reads about it, nor a variant's key break a line. */
function printable(line: string): string {
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, character =>
    character === '\n' ? ' ' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
