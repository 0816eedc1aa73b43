// Until when what is stored may be used past its freshness, and why not. It is the path's own function that is asked
// (cache/stale-use): at the end of freshness whether, and then by halving until when.
import { EntryFlag, type ResponseEntry } from '../cache/entry.js'
import type { CacheRules } from '../cache/rules.js'
import { mayUseStale } from '../cache/stale-use.js'
import type { ClientDemands } from '../http/client-directives.js'
import type { StaleSituation } from '../http/stale.js'
import type { PolicyView, StaleUse, StaleView } from './explanation.js'
import { duration, isoTime } from './words.js'

interface Case {
  readonly entry: ResponseEntry
  readonly target: string
  readonly rules: CacheRules
  /** What the site forces. */
  readonly policy: PolicyView
  /** Of the client, where the site honours them. */
  readonly demands: ClientDemands | undefined
  readonly nowMs: number
}

/** Longer than `staleMaxMs` nothing is used; halving it down to a millisecond takes 35 steps. */
export function describeStale(given: Case): StaleView {
  return {
    whileRevalidating: use(given, 'revalidating'),
    onError: use(given, 'error'),
    whenUnreachable: use(given, 'disconnected'),
  }
}

function use(given: Case, situation: StaleSituation): StaleUse {
  const { entry, nowMs } = given
  const may = (staleMs: number): boolean => mayAt(given, situation, entry.freshUntilMs + staleMs)
  if (!may(0)) {
    return { allowed: false, until: null, untilMs: null, words: `no: ${whyNever(given, situation)}` }
  }
  const windowMs = windowOf(may, given.rules.cache.staleMaxMs)
  const untilMs = entry.freshUntilMs + windowMs
  const allowed = nowMs < untilMs
  const until = isoTime(untilMs)
  const permission = `${permitted(given, situation, windowMs)}, ${duration(windowMs)} past its freshness`
  const words = allowed ? `yes, until ${until} (${permission})` : `no longer, since ${until} (${permission})`
  return { allowed, until, untilMs, words }
}

function mayAt(given: Case, situation: StaleSituation, atMs: number): boolean {
  const { entry, rules, target, demands } = given
  return mayUseStale(entry, situation, rules, target, atMs, demands)
}

/** How many milliseconds `may` holds; it holds at 0, and nowhere from `maxMs` on. */
function windowOf(may: (staleMs: number) => boolean, maxMs: number): number {
  let holds = 0
  let fails = maxMs
  while (fails - holds > 1) {
    const middle = Math.floor((holds + fails) / 2)
    if (may(middle)) holds = middle
    else fails = middle
  }
  return fails
}

function whyNever(given: Case, situation: StaleSituation): string {
  const { entry, rules } = given
  const { flags } = entry
  // RFC 9111 4.2.4.
  if ((flags & EntryFlag.mustRevalidate) !== 0) {
    return 'must-revalidate, proxy-revalidate or s-maxage forbids it'
  }
  if ((flags & EntryFlag.alwaysValidate) !== 0) return 'no-cache forbids it'
  if (rules.cache.staleMaxMs === 0) return 'staleMaxMs of the site is 0'
  if (given.demands !== undefined && mayAt({ ...given, demands: undefined }, situation, entry.freshUntilMs)) {
    return 'the client does not take it stale (Cache-Control or Pragma of the request)'
  }
  const directive = situation === 'revalidating' ? 'stale-while-revalidate' : 'stale-if-error'
  return `neither a ${directive} nor a rule of the site permits it`
}

function permitted({ policy, rules }: Case, situation: StaleSituation, windowMs: number): string {
  if (situation === 'disconnected') return 'staleMaxMs of the site'
  const isRevalidating = situation === 'revalidating'
  const forced = isRevalidating ? policy.staleWhileRevalidateSeconds : policy.staleIfErrorSeconds
  const directive = isRevalidating ? 'stale-while-revalidate' : 'stale-if-error'
  const source = forced === null ? directive : policy.rule
  return windowMs === rules.cache.staleMaxMs ? `${source}, at most staleMaxMs of the site` : source
}
