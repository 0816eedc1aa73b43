// What the host knows of its origins: who is ejected (a worker found it out), who is down (checks say so). Each change is
// logged once and told to every worker. What a worker does with it is fetch/origin-health.ts's, checks are
// health-checks.ts's.
import type { SiteConfig } from '../../config/settings.js'
import { goodState, hostNowMs, type OriginState, type OriginWord } from '../fetch/origin-health.js'
import type { Logger } from '../usage/logger.js'
import { HealthChecks } from './health-checks.js'

export interface OriginView {
  site: string
  url: string
  weight: number
  backup: boolean
  /** `returning`: asked again, with less than its share at first. */
  state: 'good' | 'ejected' | 'down' | 'returning'
  /** RFC 3339, UTC: when the state last changed; null when it never did. */
  since: string | null
  /** In a word, why it is not good, or was not; null when it always was. */
  reason: string | null
}

interface Entry {
  readonly site: string
  readonly url: string
  weight: number
  backup: boolean
  slowStartMs: number
  state: OriginState
  sinceMs: number | undefined
  reason: string | undefined
  returning: NodeJS.Timeout | undefined
}

export class OriginBoard {
  readonly #log: Logger
  readonly #tell: (words: readonly OriginWord[]) => void
  readonly #checks = new HealthChecks((...said) => this.checked(...said))
  #entries = new Map<string, Entry>()

  /** `tell`: every worker, of every generation. */
  constructor(log: Logger, tell: (words: readonly OriginWord[]) => void) {
    this.#log = log
    this.#tell = tell
  }

  /** The sites in use from now on: what is known of origins that stay is kept. */
  follow(sites: readonly SiteConfig[]): void {
    const before = this.#entries
    this.#entries = new Map()
    for (const site of sites) {
      for (const { url, weight, backup } of site.origins) {
        const key = keyOf(site.name, url)
        const { slowStartMs } = site.ejection
        const entry = before.get(key) ?? newEntry(site.name, url)
        this.#entries.set(key, Object.assign(entry, { weight, backup, slowStartMs }))
        before.delete(key)
      }
    }
    for (const { returning } of before.values()) clearTimeout(returning)
    this.#checks.follow(sites)
  }

  /** A worker has ejected it. Of several that do so at once the first one counts. */
  ejected({ site, url, state }: OriginWord, reason: string): void {
    const entry = this.#entries.get(keyOf(site, url))
    const nowMs = hostNowMs()
    if (entry === undefined || nowMs < entry.state.ejectedUntilMs) return
    const { ejectedUntilMs, ejections } = state
    const forMs = Math.round(ejectedUntilMs - nowMs)
    this.#set(entry, { ...entry.state, ejectedUntilMs, ejections }, reason)
    this.#log.warn({ site, origin: url, code: reason, forMs }, 'an origin is left out')
    entry.returning = setTimeout(() => {
      entry.sinceMs = Date.now()
      this.#log.info({ site, origin: url }, 'an origin is asked again')
    }, forMs).unref()
  }

  /** What checks say of it, when that changes. */
  checked(site: string, url: string, isGood: boolean, reason: string): void {
    const entry = this.#entries.get(keyOf(site, url))
    if (entry === undefined || entry.state.isDown === !isGood) return
    const upSinceMs = isGood ? hostNowMs() : entry.state.upSinceMs
    this.#set(entry, { ...entry.state, isDown: !isGood, upSinceMs }, isGood ? entry.reason : reason)
    if (isGood) this.#log.info({ site, origin: url }, 'an origin is up')
    else this.#log.warn({ site, origin: url, code: reason }, 'an origin is down')
  }

  /** For a worker that starts. */
  words(): OriginWord[] {
    return [...this.#entries.values()].filter(({ state }) => state !== goodState).map(wordOf)
  }

  view(): OriginView[] {
    const nowMs = hostNowMs()
    return [...this.#entries.values()].map(entry => viewOf(entry, nowMs))
  }

  /** Checks nothing and says nothing any more. */
  stop(): void {
    this.follow([])
  }

  #set(entry: Entry, state: OriginState, reason: string | undefined): void {
    clearTimeout(entry.returning)
    entry.state = state
    entry.sinceMs = Date.now()
    entry.reason = reason
    this.#tell([wordOf(entry)])
  }
}

/** No site name holds a space. */
function keyOf(site: string, url: string): string {
  return `${site} ${url}`
}

function newEntry(site: string, url: string): Entry {
  return {
    site,
    url,
    weight: 1,
    backup: false,
    slowStartMs: 0,
    state: goodState,
    sinceMs: undefined,
    reason: undefined,
    returning: undefined,
  }
}

function wordOf({ site, url, state }: Entry): OriginWord {
  return { site, url, state }
}

function viewOf(entry: Entry, nowMs: number): OriginView {
  const { site, url, weight, backup, sinceMs, reason } = entry
  return {
    site,
    url,
    weight,
    backup,
    state: stateOf(entry, nowMs),
    since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
    reason: reason ?? null,
  }
}

function stateOf({ state, slowStartMs }: Entry, nowMs: number): OriginView['state'] {
  if (state.isDown) return 'down'
  if (nowMs < state.ejectedUntilMs) return 'ejected'
  const backMs = Math.max(state.ejectedUntilMs, state.upSinceMs)
  return backMs > 0 && nowMs - backMs < slowStartMs ? 'returning' : 'good'
}
