// The purges in force, as one process holds them against what is stored: an entry whose fence (the number of the last
// purge when its fill began) is older than a rule that names it is out of use. Where the rules come from is purges.ts's.
import { purgeName } from '../identify.js'
import { beginningBytes, plainKeyBytesMax } from '../key-bytes.js'
import type { NumberedRule, PurgeRule } from './rule.js'

/** What is judged. */
export interface Subject {
  readonly site: string
  /** Of the URL: a variant is judged by it too. */
  readonly key: string
  /** Only the beginning of the key is known: it was too long to be kept. */
  readonly isBeginning?: boolean
  readonly fence: number
  /** Asked for only when there is a tag rule to compare with. */
  readonly tags: () => readonly string[]
}

/** `gone`: not to be used at all; `stale`: since `atMs`. Purged at least once by rule number `sequence`. */
export interface Struck {
  readonly kind: 'gone' | 'stale'
  readonly atMs: number
  readonly sequence: number
}

/** The newest rules of either sort for one target; 0: none. */
interface Mark {
  hard: number
  hardAtMs: number
  soft: number
  softAtMs: number
}

interface SiteRules {
  readonly whole: Mark
  readonly urls: Map<string, Mark>
  readonly prefixes: Map<string, Mark>
  readonly tags: Map<string, Mark>
  /** Distinct lengths of the prefixes, and the newest of each sort: most entries are younger. */
  lengths: readonly number[]
  newestPrefix: number
  newestTag: number
  /** Rules that name a URL of which the store knows, or whose variants' keys it knows, only the beginning. */
  long: number
}

/** A key is longer than what a purge calls it by the letter of `https`, the generation and the name of a variant, at most. */
const variantBytesMax = 301

export class PurgeRules {
  /** The number of the newest rule; 0 when there is none. What has this fence, or a later one, need not be judged. */
  newest = 0
  readonly #all: Mark = newMark()
  readonly #sites = new Map<string, SiteRules>()
  /** In the order of their numbers. */
  #rules: NumberedRule[] = []
  #isBlind = false

  get count(): number {
    return this.#rules.length
  }

  /** Oldest first. */
  get all(): readonly NumberedRule[] {
    return this.#rules
  }

  /** Later than all before it. */
  add(rule: NumberedRule): void {
    this.#rules.push(rule)
    this.newest = Math.max(this.newest, rule.sequence)
    if (rule.kind === 'all') return raise(this.#all, rule)
    const rules = this.#siteRules(rule.site)
    if (rule.kind === 'site') return raise(rules.whole, rule)
    if (isLong(rule)) rules.long = rule.sequence
    const marks = marksOf(rules, rule.kind)
    const mark = marks.get(rule.item) ?? newMark()
    raise(mark, rule)
    marks.set(rule.item, mark)
    if (rule.kind === 'tag') rules.newestTag = rule.sequence
    if (rule.kind === 'prefix') {
      rules.newestPrefix = rule.sequence
      rules.lengths = lengthsOf(rules.prefixes)
    }
  }

  /** Rules up to this number have done their work. */
  dropUntil(sequence: number): void {
    let dropped = 0
    while (dropped < this.#rules.length && this.#rules[dropped].sequence <= sequence) {
      this.#forget(this.#rules[dropped], sequence)
      dropped += 1
    }
    if (dropped > 0) this.#rules = this.#rules.slice(dropped)
    if (this.#rules.length === 0 && !this.#isBlind) this.newest = 0
  }

  /** The rules cannot be read: until they can nothing is known to be in use. */
  blind(isBlind: boolean): void {
    this.#isBlind = isBlind
    if (isBlind) this.newest = Number.POSITIVE_INFINITY
    else this.newest = this.#rules.at(-1)?.sequence ?? 0
  }

  /** Live prefixes of a site. */
  prefixCount(site: string): number {
    return this.#sites.get(site)?.prefixes.size ?? 0
  }

  /** What the purges have made of it; undefined: nothing. */
  judge(subject: Subject): Struck | undefined {
    if (this.#isBlind) return { kind: 'gone', atMs: 0, sequence: 0 }
    const { fence } = subject
    if (fence >= this.newest) return undefined
    const verdict = new Verdict(fence)
    verdict.weigh(this.#all)
    const rules = this.#sites.get(subject.site)
    if (rules !== undefined) weighSite(verdict, rules, subject)
    return verdict.struck
  }

  /** Whether a fill with this fence may bring what is purged: its tags are not known yet, so any tag counts. */
  mayConcern(subject: Subject): boolean {
    if (subject.fence >= this.newest) return false
    if ((this.#sites.get(subject.site)?.newestTag ?? 0) > subject.fence) return true
    return this.judge(subject) !== undefined
  }

  #siteRules(name: string): SiteRules {
    let rules = this.#sites.get(name)
    if (rules === undefined) {
      rules = newSiteRules()
      this.#sites.set(name, rules)
    }
    return rules
  }

  #forget({ kind, site, item }: NumberedRule, until: number): void {
    // A number that is smaller than every fence to come is as good as none.
    if (kind === 'all' || kind === 'site') return
    const rules = this.#sites.get(site)
    if (rules === undefined) return
    const marks = marksOf(rules, kind)
    const mark = marks.get(item)
    if (mark === undefined || Math.max(mark.hard, mark.soft) > until) return
    marks.delete(item)
    if (kind === 'prefix') rules.lengths = lengthsOf(rules.prefixes)
  }
}

function weighSite(verdict: Verdict, rules: SiteRules, { key, isBeginning, fence, tags }: Subject): void {
  verdict.weigh(rules.whole)
  if (isBeginning && rules.long > fence) return verdict.takeWhole(rules.long)
  const name = purgeName(key)
  if (!isBeginning) verdict.weigh(rules.urls.get(name))
  if (rules.newestPrefix > fence) {
    for (const length of rules.lengths) {
      if (length <= name.length) verdict.weigh(rules.prefixes.get(name.slice(0, length)))
    }
  }
  if (rules.newestTag > fence) for (const tag of tags()) verdict.weigh(rules.tags.get(tag))
}

/** The worst that any rule says. */
class Verdict {
  struck: Struck | undefined
  readonly #fence: number

  constructor(fence: number) {
    this.#fence = fence
  }

  weigh(mark: Mark | undefined): void {
    if (mark === undefined) return
    if (mark.hard > this.#fence) this.#gone(mark)
    else if (mark.soft > this.#fence && this.struck?.kind !== 'gone') this.#stale(mark)
  }

  #gone({ hard, hardAtMs }: Mark): void {
    const before = this.struck?.kind === 'gone' ? this.struck : { atMs: 0, sequence: 0 }
    const atMs = Math.max(before.atMs, hardAtMs)
    this.struck = { kind: 'gone', atMs, sequence: Math.max(before.sequence, hard) }
  }

  /** It is stale since the first. */
  #stale({ soft, softAtMs }: Mark): void {
    const { atMs, sequence } = this.struck ?? { atMs: softAtMs, sequence: 0 }
    this.struck = { kind: 'stale', atMs: Math.min(atMs, softAtMs), sequence: Math.max(sequence, soft) }
  }

  /** Not knowing more of it than its beginning: rather one too many. */
  takeWhole(sequence: number): void {
    this.struck = { kind: 'gone', atMs: 0, sequence }
  }
}

/** What it names is not all found by its name: somebody has to look at every entry. */
export function needsSweep(rule: PurgeRule): boolean {
  return rule.kind !== 'url' || isLong(rule)
}

function isLong({ kind, item }: PurgeRule): boolean {
  if (kind === 'url') return item.length + variantBytesMax > plainKeyBytesMax
  return kind === 'prefix' && item.length >= beginningBytes
}

function marksOf(rules: SiteRules, kind: 'url' | 'prefix' | 'tag'): Map<string, Mark> {
  if (kind === 'url') return rules.urls
  return kind === 'prefix' ? rules.prefixes : rules.tags
}

function raise(mark: Mark, { isSoft, sequence, atMs }: NumberedRule): void {
  if (isSoft) {
    mark.soft = sequence
    mark.softAtMs = atMs
  } else {
    mark.hard = sequence
    mark.hardAtMs = atMs
  }
}

function newMark(): Mark {
  return { hard: 0, hardAtMs: 0, soft: 0, softAtMs: 0 }
}

function newSiteRules(): SiteRules {
  const [urls, prefixes, tags] = [new Map(), new Map(), new Map()]
  return { whole: newMark(), urls, prefixes, tags, lengths: [], newestPrefix: 0, newestTag: 0, long: 0 }
}

function lengthsOf(prefixes: ReadonlyMap<string, Mark>): number[] {
  return [...new Set([...prefixes.keys()].map(prefix => prefix.length))]
}
