// One request to the origin per key, however many ask at once: which keys are being fetched, who follows each fetch, and
// which keys are known to bring answers that cannot be shared. The table is one worker's; with a host under it
// (host-fills.ts), the one who would lead claims the key for all workers first, and may find that another has it.
// What a follower does with what it is given is follow.ts's.
import type { Site } from '../accept/sites.js'
import type { Body } from '../cache/body.js'
import type { ResponseEntry } from '../cache/entry.js'
import { Fill } from '../cache/fill.js'
import type { Begun } from '../cache/outdated.js'
import type { EdgeError } from '../error.js'
import type { Turn } from './host-fill.js'
import type { Host } from './host-fills.js'
import { KnownKeys } from './known-keys.js'
import type { RemoteFill } from './remote-fill.js'

/** A body that is still coming, in whatever worker. */
export interface RunningBody extends Body {
  /** From the first byte to the last one, for who begins now. */
  readonly isReadable: boolean
}

/** What a fetch turned out to bring for all who wait; `variant` is the one that the request which led selects. */
export type Shared =
  /** The entry that `head` makes has no body yet: `fill` is it. */
  | { kind: 'filling'; variant: string; head: () => ResponseEntry; fill: RunningBody }
  /** The stored response: confirmed by the origin, or stale because the origin failed (`detail` says how). */
  | { kind: 'stored'; variant: string; entry: ResponseEntry; detail: string | undefined }

/** A request that waits for the fetch of another. Exactly one of these is called, once, unless it leaves before. */
export interface Follower {
  /** It can do nothing with a body that is still coming: it looks when all is stored. */
  readonly waitsForStored?: boolean
  share(shared: Shared): void
  /** What came is for the one who asked: ask yourself. */
  release(): void
  /** The fetch failed before there was anything to share. */
  retry(error: EdgeError): void
  /** The fetch of another worker is over: what it brought is in the store, or there is nothing. */
  look(): void
}

export class Collapse {
  readonly #flights = new Map<string, Flight>()
  /** Keys whose answers were not for all a moment ago. */
  readonly #unshared = new KnownKeys()
  readonly #host: Host | undefined

  /** Without a host what is collapsed is what comes to this worker. */
  constructor(host?: Host) {
    this.#host = host
  }

  /** Other workers fetch and store what was not there a moment ago: who leads looks once more. */
  get isWide(): boolean {
    return this.#host !== undefined
  }

  /** The fetch of `key` that is under way for this state of the site and may be joined. */
  find(key: string, site: Site): Flight | undefined {
    const flight = this.#flights.get(key)
    return flight?.site === site ? flight : undefined
  }

  /** Nobody joins the fetch of `key` any more; those who have, stay with it. */
  retire(key: string): void {
    this.#flights.get(key)?.retire()
    this.#flights.delete(key)
  }

  /**
   * A fetch that others may follow from now on; undefined when it is better not followed, or there is one already. One
   * that `isElsewhere` is made by another worker: the caller follows it like all others.
   */
  lead(key: string, site: Site, beganMs = Date.now(), fence = 0): Flight | undefined {
    // One of the site as it was before a reload is followed by nobody any more.
    if (this.#flights.get(key)?.site === site || this.#unshared.has(key)) return undefined
    const turn = this.#host?.claim(key, site.revision, fence)
    if (turn?.kind === 'alone') return undefined
    const isElsewhere = turn?.kind === 'elsewhere'
    // What both clocks round.
    const begun = isElsewhere ? { beganMs: beganMs - turn.agoMs - 1, fence: turn.fence } : { beganMs, fence }
    const flight: Flight = new Flight(site, begun, {
      forget: () => {
        // Another may lead by now.
        if (this.#flights.get(key) === flight) this.#flights.delete(key)
      },
      remember: forMs => this.#unshared.add(key, forMs),
      host: this.#host,
      turn,
    })
    this.#flights.set(key, flight)
    return flight
  }
}

interface Table {
  forget(): void
  remember(forMs: number): void
  host: Host | undefined
  turn: Exclude<Turn, { kind: 'alone' }> | undefined
}

/** One fetch and those who follow it. The one who leads calls `share`, then `end`; or `release`; or `fail`. */
export class Flight {
  readonly site: Site
  /** When it began: wall clock, milliseconds. */
  readonly beganMs: number
  /** The number of the last purge by then. */
  readonly fence: number
  readonly #table: Table
  readonly #followers = new Set<Follower>()
  #shared: Shared | undefined
  #isOver = false

  constructor(site: Site, { beganMs, fence }: Begun, table: Table) {
    this.site = site
    this.beganMs = beganMs
    this.fence = fence
    this.#table = table
    const { host, turn } = table
    if (turn?.kind !== 'elsewhere') return
    host?.watch(turn.fill, {
      begun: fill => this.#begun(fill),
      over: outcome => (outcome === 'unshared' ? this.release(false) : this.lookAll()),
    })
  }

  /** Another worker makes it: it has followers here, and none who leads. */
  get isElsewhere(): boolean {
    return this.#table.turn?.kind === 'elsewhere'
  }

  /** Somebody waits for it, here or in another worker. */
  get isAwaited(): boolean {
    const { host, turn } = this.#table
    return this.#followers.size > 0 || (turn?.kind === 'lead' && host?.isAwaited(turn.fill) === true)
  }

  /** False when it cannot be followed (any more). May call `share` at once. */
  join(follower: Follower): boolean {
    const shared = this.#shared
    if (this.#isOver || (shared !== undefined && isPast(shared, follower))) return false
    const isForIt = shared !== undefined && mayShare(shared, follower)
    if (isForIt) follower.share(shared)
    else if (this.#followers.size >= this.site.config.cache.followersMax) return false
    else this.#wait(follower)
    return true
  }

  #wait(follower: Follower): void {
    const { host, turn } = this.#table
    if (turn?.kind === 'elsewhere') host?.want(turn.fill)
    this.#followers.add(follower)
  }

  #begun(fill: RemoteFill): void {
    if (this.#isOver || this.#shared !== undefined) return
    this.share({ kind: 'filling', variant: fill.variant, head: () => fill.head(), fill })
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower)
  }

  /** All who wait get it, and those who come until `end`. */
  share(shared: Shared): void {
    this.#shared = shared
    const { host, turn } = this.#table
    // Those who wait in other workers read along too.
    if (shared.kind === 'filling' && shared.fill instanceof Fill && turn?.kind === 'lead') {
      host?.offer(turn.fill, { ...shared, fill: shared.fill })
    }
    if (shared.kind === 'stored' && turn?.kind === 'lead') host?.settle(turn.fill)
    for (const follower of this.#take()) {
      if (mayShare(shared, follower)) follower.share(shared)
      else this.#followers.add(follower)
    }
  }

  /**
   * What came is for one: the others ask on their own, all at once; and so, when it `isLasting`, do those who come in
   * the next while.
   */
  release(isLasting: boolean): void {
    if (this.#isOver) return
    const { unsharedMs } = this.site.config.cache
    this.#tellHost(isLasting ? unsharedMs : 0)
    this.end()
    if (isLasting) this.#table.remember(unsharedMs)
    for (const follower of this.#take()) follower.release()
  }

  /** The first who waits will lead, and the others follow it: `retry` begins anew. */
  fail(error: EdgeError): void {
    this.end()
    for (const follower of this.#take()) follower.retry(error)
  }

  /** It is too large for the store: those who read along go on, other workers wait in vain. */
  outgrow(): void {
    this.#tellHost(this.site.config.cache.unsharedMs)
  }

  /** What was shared is in the store now, or never will be: who comes now looks there. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#table.forget()
    this.#tellHost()
  }

  /** Nobody else joins it, in any worker. */
  retire(): void {
    const { host, turn } = this.#table
    if (turn !== undefined) host?.retire(turn.fill)
  }

  /** The same; who waits for another form of it than came looks too. */
  lookAll(): void {
    this.end()
    for (const follower of this.#take()) follower.look()
  }

  #tellHost(unsharedMs?: number): void {
    const { host, turn } = this.#table
    if (turn?.kind === 'lead') host?.end(turn.fill, unsharedMs)
  }

  #take(): Follower[] {
    const followers = [...this.#followers]
    this.#followers.clear()
    return followers
  }
}

function mayShare({ kind }: Shared, { waitsForStored }: Follower): boolean {
  return kind === 'stored' || !waitsForStored
}

/** Its body cannot be read from the beginning any more. */
function isPast(shared: Shared, { waitsForStored }: Follower): boolean {
  return shared.kind === 'filling' && !waitsForStored && !shared.fill.isReadable
}
