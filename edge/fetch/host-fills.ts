// Which keys the workers of this host are fetching, as one worker sees it: claims a key before it is asked for, tells
// those who wait elsewhere when it is over, and waits for what others ask. Bodies do not travel this way: what was
// brought is looked for in the store. What a fetch and a follower are is collapse.ts's, the memory under it shared/'s.
import type { FillRef } from '../shared/claim.js'
import type { Frame } from '../shared/frames.js'
import type { Standing } from '../shared/join.js'
import { keyHash } from '../shared/key-hash.js'

export type Turn =
  /** Ask the origin, and say `end`. */
  | { kind: 'lead'; fill: FillRef }
  /** Another worker asks: `watch`. */
  | { kind: 'elsewhere'; fill: FillRef }
  /** Ask, and let nobody follow: what comes is not for all, or there is no room to say who asks. */
  | { kind: 'alone' }

/** What became of another worker's fetch: `over` is for the store to tell, `unshared` is for nobody else. */
export type Outcome = 'over' | 'unshared'

/** What collapse.ts needs of it. */
export type Host = Pick<HostFills, 'claim' | 'end' | 'retire' | 'watch'>

export interface HostFillsOptions {
  ground: Pick<Standing['ground'], 'fills' | 'purge' | 'owner'>
  mesh: Pick<Standing['mesh'], 'send'>
  leave: Standing['leave']
  /** How often what is waited for is looked at though nobody woke us; for tests. */
  recheckMs?: number
}

interface Watched {
  readonly fill: FillRef
  /** Who was told that we wait; 0 while nobody was. */
  owner: number
  readonly onOver: ((outcome: Outcome) => void)[]
}

interface Led {
  readonly fill: FillRef
  /** The numbers of the workers that wait for it. */
  readonly waiting: Set<number>
}

/** What frames say: the sender waits for a fill of ours; a fill that we wait for is over. */
export const events = { waits: 1, over: 2, unshared: 3 } as const

/** The safety net for wake-ups that were lost. */
const recheckMs = 250

export class HostFills {
  readonly #options: HostFillsOptions
  readonly #led = new Map<number, Led>()
  readonly #watched = new Map<number, Watched>()
  #timer: NodeJS.Timeout | undefined
  #state: 'open' | 'ending' | 'left' = 'open'

  constructor(options: HostFillsOptions) {
    this.#options = options
  }

  /** Whose turn it is to fetch `key`. `revision`: of the site. */
  claim(key: string, revision: string): Turn {
    if (this.#state !== 'open') return { kind: 'alone' }
    const { fills, purge, owner } = this.#options.ground
    const claimed = fills.claim(keyHash(key, revision), purge.sequence())
    if (claimed.kind === 'lead') {
      const { fill } = claimed
      this.#led.set(idOf(fill), { fill, waiting: new Set() })
      return { kind: 'lead', fill }
    }
    const isOthers = claimed.kind === 'follow' && claimed.owner !== owner
    return isOthers ? { kind: 'elsewhere', fill: claimed.fill } : { kind: 'alone' }
  }

  /**
   * What we led is over: the store has it, or nobody will; with `unsharedMs` nobody else can use it, and who asks within
   * that time asks alone. Only the first word on a fill counts.
   */
  end(fill: FillRef, unsharedMs?: number): void {
    const led = this.#led.get(idOf(fill))
    if (led === undefined || this.#state === 'left') return
    this.#led.delete(idOf(fill))
    const { fills } = this.#options.ground
    if (unsharedMs === undefined) fills.free(fill)
    else fills.release(fill, unsharedMs)
    for (const worker of led.waiting) this.#say(worker, fill, unsharedMs === undefined ? 'over' : 'unshared')
  }

  /** No other request joins this fill, ours or not. */
  retire(fill: FillRef): void {
    if (this.#state !== 'left') this.#options.ground.fills.retire(fill)
  }

  /** Calls `onOver` once, in a later turn, when the fill of another worker is over or its worker is gone. */
  watch(fill: FillRef, onOver: (outcome: Outcome) => void): void {
    if (this.#state !== 'open') return
    const watched = this.#watched.get(idOf(fill)) ?? { fill, owner: 0, onOver: [] }
    watched.onOver.push(onOver)
    this.#watched.set(idOf(fill), watched)
    this.#timer ??= setInterval(() => this.recheck(), this.#options.recheckMs ?? recheckMs).unref()
    this.#check(watched)
  }

  /** A frame of the mesh. */
  heard(from: number, { slot, turn, event }: Frame): void {
    const fill = { slot, turn }
    if (event === events.waits) this.#hearWaiting(from, fill)
    const watched = this.#watched.get(idOf(fill))
    if (watched === undefined) return
    if (event === events.unshared) this.#over(watched, 'unshared')
    else if (event === events.over) this.#check(watched)
  }

  /** Looks at everything that is waited for: a worker is gone, or a wake-up may have been lost. */
  recheck(): void {
    for (const watched of [...this.#watched.values()]) this.#check(watched)
  }

  /** Nothing more is claimed or waited for; what was led may still end. */
  stop(): void {
    if (this.#state === 'open') this.#state = 'ending'
    clearInterval(this.#timer)
    this.#watched.clear()
  }

  /** What was not ended is left to the others. */
  async leave(): Promise<void> {
    if (this.#state === 'left') return
    this.stop()
    this.#state = 'left'
    await this.#options.leave()
  }

  #hearWaiting(from: number, fill: FillRef): void {
    const led = this.#led.get(idOf(fill))
    if (led !== undefined) led.waiting.add(from)
    // It was over before it was heard that somebody waits.
    else this.#say(from, fill, 'over')
  }

  #check(watched: Watched): void {
    if (this.#state !== 'open') return
    const view = this.#options.ground.fills.read(watched.fill)
    if (view === undefined || view.isOrphaned) return this.#over(watched, 'over')
    if (view.state === 'unshared') return this.#over(watched, 'unshared')
    if (view.owner === watched.owner) return
    watched.owner = view.owner
    this.#say(view.owner, watched.fill, 'waits')
  }

  #over({ fill, onOver }: Watched, outcome: Outcome): void {
    this.#watched.delete(idOf(fill))
    if (this.#watched.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    // Later, as who has just begun to watch is not ready for it.
    setImmediate(() => {
      for (const tell of onOver) if (this.#state === 'open') tell(outcome)
    })
  }

  /** Lost words are made good by `recheck`. */
  #say(worker: number, { slot, turn }: FillRef, event: keyof typeof events): void {
    this.#options.mesh.send(worker, { slot, turn, event: events[event], value: 0 })
  }
}

/** One number for both: a turn has 26 bits. */
function idOf({ slot, turn }: FillRef): number {
  return slot * 2 ** 26 + turn
}
