// What was invalidated lately in this worker, and when: what was asked for before is neither stored after it nor used
// while its removal is on its way into the store (RFC 9111 4.4). What others who share the store invalidated is known by the
// millisecond. Also the order of events: asking for something and invalidating it never happen
// at the same time.
import { type Invalidated, ownInvalidated, placeOf } from '../shared/open-invalidated.js'
import { hashOf } from '../shared/sketch-file.js'

/** Bytes of keys remembered, with what each costs besides; about 20,000 usual URLs. Beyond it the oldest leave. */
const bytesMax = 4 * 1024 * 1024
const entryBytes = 100
/** A commit takes milliseconds; a disk that stands still, seconds. */
const settleMs = 10_000
/** Two events of one worker are at least so far apart: a fraction that a double holds exactly. */
const stepMs = 1 / 1_024
/** Times further ahead than this were noted before the clock was set back. */
export const aheadMsMax = 1_000

export class Invalidations {
  /** The oldest first. */
  readonly #times = new Map<string, number>()
  readonly #bytesMax: number
  readonly #all: Invalidated
  #bytes = 0
  #stampMs = Number.NEGATIVE_INFINITY
  /** Of the newest that was left out: of what was asked before, nobody knows. */
  #forgottenMs = Number.NEGATIVE_INFINITY
  #watchedFromMs = Number.POSITIVE_INFINITY
  #watchedUntilMs = Number.NEGATIVE_INFINITY

  /** `all`: by whoever shares the store. `keyBytesMax`: of keys remembered, for tests. */
  constructor(all: Invalidated = ownInvalidated(), keyBytesMax = bytesMax) {
    this.#all = all
    this.#bytesMax = keyBytesMax
  }

  /** How often keys were invalidated by anybody, by `slotOf`. */
  get counters(): Int32Array {
    return this.#all.counters
  }

  /** The time of an event, later than any before it in this worker: wall clock, milliseconds with fractions. */
  stamp(nowMs: number): number {
    const wasSetBack = this.#stampMs > nowMs + aheadMsMax
    this.#stampMs = wasSetBack ? nowMs : Math.max(nowMs, this.#stampMs + stepMs)
    return this.#stampMs
  }

  /** `key`, of a URL or a group, is invalidated at `atMs`, of `stamp`. */
  note(key: string, atMs: number): void {
    this.#tellAll(key, atMs)
    if (!this.#times.delete(key)) this.#bytes += key.length + entryBytes
    this.#times.set(key, atMs)
    this.#watchedFromMs = Math.min(this.#watchedFromMs, atMs - aheadMsMax)
    this.#watchedUntilMs = Math.max(this.#watchedUntilMs, atMs + settleMs)
    for (const [oldest, oldestMs] of this.#times) {
      if (this.#bytes <= this.#bytesMax) return
      this.#times.delete(oldest)
      this.#bytes -= oldest.length + entryBytes
      this.#forgottenMs = oldestMs
    }
  }

  #tellAll(key: string, atMs: number): void {
    const { counters, times, hashes, latest } = this.#all
    // The store is closed, and so is this.
    if (counters.length === 0) return
    const hash = hashOf(key)
    const place = placeOf(hash)
    hashes[place] = hash
    times[place] = atMs
    latest[0] = atMs
    // At last: who sees it sees the time.
    Atomics.add(counters, place, 1)
  }

  /** Of `counters`. */
  slotOf(key: string): number {
    return placeOf(hashOf(key))
  }

  /** When `key` was invalidated last, as far as it is remembered. */
  timeOf(key: string): number | undefined {
    return this.#times.get(key)
  }

  /** True while the store may still hold what was invalidated: two or three comparisons, which every hit pays. */
  mayHide(nowMs: number): boolean {
    if (nowMs < this.#watchedUntilMs && nowMs >= this.#watchedFromMs) return true
    const latestMs = this.#all.latest[0]!
    return nowMs < latestMs + settleMs && nowMs >= latestMs - aheadMsMax
  }

  /** A removal failed: what is in the store has to be looked at as long as this is remembered. */
  distrustStore(): void {
    this.#watchedUntilMs = Number.POSITIVE_INFINITY
  }

  /** True when `key` is known to have been invalidated since `askedAtMs`. */
  hides(key: string, askedAtMs: number, nowMs: number): boolean {
    const atMs = this.#times.get(key)
    if (atMs !== undefined && atMs >= askedAtMs && atMs <= nowMs + aheadMsMax) return true
    const hash = hashOf(key)
    return (
      this.#all.hashes[placeOf(hash)] === (hash | 0) && this.#isBeforeOthers(hash, atMs, askedAtMs, nowMs)
    )
  }

  /** `ownMs`: when we invalidated the key. */
  #isBeforeOthers(hash: number, ownMs: number | undefined, askedAtMs: number, nowMs: number): boolean {
    const anyMs = this.#all.times[placeOf(hash)]
    // Our own was compared. Those of others are no finer than a millisecond: the same one counts.
    if (!anyMs || anyMs === ownMs || anyMs > nowMs + aheadMsMax) return false
    return askedAtMs < Math.floor(anyMs) + 1
  }

  /** True when what was asked for at `askedAtMs` must not be stored under `key` any more: invalidated, or nobody knows. */
  isOutdated(key: string, askedAtMs: number, nowMs: number): boolean {
    // Asked before the clock was set back: nothing can be said of the time since.
    if (askedAtMs > nowMs + aheadMsMax) return true
    if (askedAtMs <= this.#forgottenMs && this.#forgottenMs <= nowMs + aheadMsMax) return true
    // One of another key may have taken the place of this one's: not to store what could be costs little.
    const ownMs = this.#times.get(key)
    return this.hides(key, askedAtMs, nowMs) || this.#isBeforeOthers(hashOf(key), ownMs, askedAtMs, nowMs)
  }
}
