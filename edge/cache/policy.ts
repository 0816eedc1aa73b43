// What the site forces on an answer, whatever the origin says: times by path, type and status, or not to be stored.
// Pure, and only asked when an answer is weighed, never on a hit. What the origin says itself is edge/http/freshness's.
import type { RuleConfig, SiteCacheConfig } from '../../config/settings.js'
import { trimSpace } from '../http/tokens.js'
import { type Matcher, matcher } from './pattern.js'
import { isPersonalType, presetTimes, smartPreset, type Times } from './presets.js'

/** Made once for a site by `compilePolicy()`. */
export interface Policy {
  readonly rules: readonly Rule[]
  readonly isSmart: boolean
  readonly heuristicMaxMs: number
  readonly negativeMaxMs: number
}

/** The answer's head, as far as a policy looks at it. */
export interface Weighed {
  /** Normalised: path and query. */
  target: string
  status: number
  contentType: string | undefined
  /** Cache-Control, a targeted field or Expires say how long, or that it is not to be stored. */
  hasExplicitFreshness: boolean
}

/** What is absent is as the origin says. With `never` there are no times. */
export interface Forced extends Partial<Times> {
  never?: boolean
  /** Nobody has said so: it was guessed of a page, or of data, as answers to all mostly are (`smart`). */
  isGuess?: boolean
  /** `rules[2]`, `rules[0] images, rules[2]`, `smart html`; `origin` when nothing is forced. For logs and /explain. */
  why: string
}

interface Rule {
  readonly path: Matcher | undefined
  readonly type: Matcher | undefined
  readonly status: ReadonlySet<number | string> | undefined
  readonly gifts: Gifts
  readonly why: string
}

/** What a rule says of a time: a number, or that the origin decides, or that the answer is not stored. */
type Gift = number | 'origin' | 'never'
type Gifts = { readonly [Name in keyof Times]?: Gift }

const timeNames = ['ttlMs', 'staleWhileRevalidateMs', 'staleIfErrorMs'] as const

/**
 * Errors that are the same for everybody (RFC 9110 15.1). Others often depend on who asks or how: stored without
 * being told to, one client's 403 or 400 would be everybody's.
 */
const negativeStatuses = new Set([404, 405, 410, 414, 501])
const smartStatuses = new Set([200, 203, 206, 301, 308, ...negativeStatuses])

export function compilePolicy(cache: SiteCacheConfig): Policy {
  const { preset, heuristicMaxMs, negativeMaxMs } = cache
  return { rules: cache.rules.map(compileRule), isSmart: preset === 'smart', heuristicMaxMs, negativeMaxMs }
}

const nothingForced: Forced = Object.freeze({ why: 'origin' })

/** For each time the first rule that matches and gives it decides; `never` is said of the lifetime. */
export function forced(policy: Policy, answer: Weighed): Forced {
  if (policy.rules.length === 0 && !policy.isSmart) return nothingForced
  const path = answer.target.split('?', 1)[0]
  const type = mediaType(answer.contentType)
  const said = new Map<keyof Times, Gift>()
  const reasons: string[] = []
  let isGuess = false
  for (const { gifts, why, isGuess: guesses } of givers(policy, answer, path, type)) {
    const before = said.size
    if (guesses && !said.has('ttlMs')) isGuess = true
    for (const name of timeNames) {
      const gift = gifts[name]
      if (gift !== undefined && !said.has(name)) said.set(name, gift)
    }
    if (said.size > before) reasons.push(why)
  }
  const why = reasons.length === 0 ? 'origin' : reasons.join(', ')
  if (said.get('ttlMs') === 'never') return { never: true, why }
  const times = Object.fromEntries([...said].filter(([, gift]) => typeof gift === 'number'))
  return isGuess ? { ...times, why, isGuess } : { ...times, why }
}

/** The longest heuristic lifetime of an answer of this status: errors live for `negativeMaxMs` at most. */
export function heuristicLifetimeMaxMs(policy: Policy, status: number): number {
  return isError(status) ? Math.min(policy.heuristicMaxMs, policy.negativeMaxMs) : policy.heuristicMaxMs
}

/** All that say something of this answer, the first first. */
function givers(
  policy: Policy,
  answer: Weighed,
  path: string,
  type: string | undefined,
): { gifts: Gifts; why: string; isGuess?: boolean }[] {
  const matching = policy.rules
    .filter(rule => matches(rule, answer.status, path, type))
    // A rule that names the status means it; any other was written for what is not an error.
    .map(({ gifts, status, why }) => ({ gifts: status ? gifts : giftsFor(policy, answer, gifts), why }))
  return [...matching, ...smartGiver(policy, answer, path, type)]
}

function smartGiver(
  policy: Policy,
  answer: Weighed,
  path: string,
  type: string | undefined,
): { gifts: Gifts; why: string; isGuess: boolean }[] {
  if (!policy.isSmart || answer.hasExplicitFreshness || !smartStatuses.has(answer.status)) return []
  const word = smartPreset(path, type)
  return word === undefined
    ? []
    : [
        {
          gifts: giftsFor(policy, answer, presetTimes[word]),
          why: `smart ${word}`,
          isGuess: isPersonalType(type!),
        },
      ]
}

/** An error keeps its own explicit freshness, is soon asked for again, and is never served stale by a general rule. */
function giftsFor(policy: Policy, answer: Weighed, gifts: Gifts): Gifts {
  if (!isError(answer.status)) return gifts
  const { ttlMs } = gifts
  if (typeof ttlMs !== 'number') return ttlMs === undefined ? {} : { ttlMs }
  if (answer.hasExplicitFreshness || !negativeStatuses.has(answer.status)) return {}
  return { ttlMs: Math.min(ttlMs, policy.negativeMaxMs) }
}

function isError(status: number): boolean {
  return status >= 400
}

function matches(rule: Rule, status: number, path: string, type: string | undefined): boolean {
  if (rule.status && !rule.status.has(status) && !rule.status.has(`${Math.floor(status / 100)}xx`))
    return false
  if (rule.path && !rule.path(path)) return false
  return rule.type === undefined || (type !== undefined && rule.type(type))
}

function compileRule(rule: RuleConfig, index: number): Rule {
  const word = rule.preset === undefined ? '' : ` ${rule.preset}`
  return {
    path: rule.path === undefined ? undefined : matcher(upperCaseTriples(rule.path)),
    type: rule.type === undefined ? undefined : matcher(rule.type),
    status: rule.status && new Set(rule.status),
    gifts: giftsOf(rule),
    why: `rules[${index}]${word}`,
  }
}

/** As a normalised target has them (RFC 3986 6.2.2.1). */
function upperCaseTriples(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, triple => triple.toUpperCase())
}

/** The rule's own times come before those of its preset. */
function giftsOf(rule: RuleConfig): Gifts {
  const { preset, path, type, status, ...own } = rule
  if (preset === undefined) return own
  if (preset === 'never') return { ttlMs: 'never' }
  if (preset !== 'origin') return { ...presetTimes[preset], ...own }
  return { ttlMs: 'origin', staleWhileRevalidateMs: 'origin', staleIfErrorMs: 'origin', ...own }
}

/** Type and subtype of Content-Type (RFC 9110 8.3.1), in lower case and without parameters; undefined when empty. */
export function mediaType(contentType: string | undefined): string | undefined {
  const type = trimSpace((contentType ?? '').split(';', 1)[0]).toLowerCase()
  return type === '' ? undefined : type
}
