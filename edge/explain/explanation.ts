// What /explain answers: plain data, the same for JSON and for text (text.ts). Times are RFC 3339 in UTC, with the same
// in milliseconds beside them; durations are seconds.
import type { FreshnessBasis } from '../http/freshness.js'
import type { Fault } from './question.js'

export interface Explanation {
  request: { method: string; url: string; fields: [name: string, value: string][] }
  /** When this was decided; the ages below are counted to here. */
  at: string
  site: string | null
  /** What accept/ would answer instead of looking anything up. */
  refusal: { status: number; code: string; message: string } | null
  key: string | null
  /** Path and query as they are keyed and asked of the origin: normalised, then by the site's query policy. */
  governedTarget: string | null
  variants: VariantsView | null
  entry: EntryView | null
  /** The form in which this client would get it; null: as it came. */
  form: FormView | null
  freshness: FreshnessView | null
  policy: PolicyView | null
  verdict: 'fresh' | 'stale' | 'expired' | 'absent' | 'pass' | 'refused'
  /** One fact each, in the order in which they were decided. */
  why: string[]
  stale: StaleView | null
}

/** The URL is stored in several variants. */
export interface VariantsView {
  /** For each set of fields that stored responses vary on, what this request selects by them. */
  sets: VariantSetView[]
  /** Names of the variants, oldest first, at most `variantsShownMax`; '' is one that answers everybody. */
  stored: string[]
  storedCount: number
  /** The stored variant that answers this request, null when there is none. */
  selected: string | null
}

export interface VariantSetView {
  /** Lower-case field names of Vary. */
  varyNames: string[]
  /** The variant that this request selects by them, as its name would be. */
  selects: string
  /** Among the variants; one in a language that the request prefers may answer it all the same. */
  isStored: boolean
}

export interface EntryView {
  storedKey: string
  status: number
  askedAt: string
  askedAtMs: number
  storedAt: string
  storedAtMs: number
  /** When its age was zero. */
  bornAt: string
  bornAtMs: number
  freshUntil: string
  freshUntilMs: number
  ageSeconds: number
  lifetimeSeconds: number
  /** Negative when it is stale. */
  ttlSeconds: number
  etag: string | null
  lastModified: string | null
  /** Such as `always validate (no-cache)`. */
  flags: string[]
  vary: string[]
  groups: string[]
  tags: string[]
  bodyBytes: number
  received: [name: string, value: string][]
}

/** Of what is stored: another coding, or another image. */
export interface FormView {
  /** Such as `br`, `identity` (out of its coding), `w400.inside.q50.auto-avif`. */
  name: string
  /** `useless`: it was tried, and is not worth it; `refused`: it cannot be made of these bytes. */
  state: 'stored' | 'absent' | 'useless' | 'refused'
  status: number | null
  bodyBytes: number | null
}

export interface FreshnessView {
  basis: FreshnessBasis
  /** Lower-case name of the field, or the rule, that gave the lifetime; null when nothing did. */
  source: string | null
  lifetimeSeconds: number
  /** How old it was when it came: by Age, by Date, by the time that the answer took. */
  initialAgeSeconds: number
  /** Since then. */
  residentSeconds: number
  ttlSeconds: number
  /** False when the same sums now give another end than the record has: the rules of the site changed since. */
  agrees: boolean
  /** `max-age=60 of Cache-Control, minus Age 5: fresh for 55 s more`. */
  words: string
}

/** What the site forces on the stored answer; times that it leaves to the origin are null. */
export interface PolicyView {
  /** `rules[2]`, `rules[0] images`, `smart html`; `origin` when nothing is forced. */
  rule: string
  never: boolean
  ttlSeconds: number | null
  staleWhileRevalidateSeconds: number | null
  staleIfErrorSeconds: number | null
}

/** Whether the entry may be used past its freshness. */
export interface StaleView {
  whileRevalidating: StaleUse
  /** The origin answers 500, 502, 503 or 504. */
  onError: StaleUse
  /** The origin cannot be reached or breaks off. */
  whenUnreachable: StaleUse
}

export interface StaleUse {
  /** At this moment, or once it is stale. */
  allowed: boolean
  /** null when it never may. */
  until: string | null
  untilMs: number | null
  words: string
}

export type Explained = { ok: true; explanation: Explanation } | { ok: false; fault: Fault }
