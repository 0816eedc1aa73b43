// Which keys the workers of this host are fetching, as one worker sees it: claims a key before it is asked for, lets those
// who wait elsewhere read along and tells them when it is over. Waiting for what others fetch is watching.ts's, what a
// fetch and a follower are collapse.ts's, the memory under all of it shared/'s.
import type { FillRef } from '../shared/claim.js'
import type { Frame } from '../shared/frames.js'
import type { Standing } from '../shared/join.js'
import { keyHash } from '../shared/key-hash.js'
import { type BodyTravel, events, idOf, type Offer, type Say, type Turn, type Watcher } from './host-fill.js'
import { Publication } from './publication.js'
import { Watching } from './watching.js'

/** What collapse.ts needs of it. */
export type Host = Pick<
  HostFills,
  'claim' | 'isAwaited' | 'offer' | 'settle' | 'end' | 'retire' | 'watch' | 'want'
>

export interface HostFillsOptions {
  ground: Pick<Standing['ground'], 'fills' | 'owner'>
  mesh: Pick<Standing['mesh'], 'send'>
  leave: Standing['leave']
  /** Without it those who wait elsewhere wait until the answer is in the store. */
  bodies?: BodyTravel | undefined
  /** Somebody elsewhere waits for what is being stored; see the store's. */
  hurry?: (() => void) | undefined
  /** How often what is waited for is looked at though nobody woke us; for tests. */
  recheckMs?: number
}

interface Led {
  readonly fill: FillRef
  /** The numbers of the workers that wait for it. */
  readonly waiting: Set<number>
  /** One of them wants to read it. */
  isWanted: boolean
  offer: Offer | undefined
  /** What is asked for is known, and only has to be stored. */
  isSettled: boolean
  publication: Publication | undefined
}

/** The safety net for wake-ups that were lost. */
const recheckMs = 250

export class HostFills {
  readonly #options: HostFillsOptions
  readonly #led = new Map<number, Led>()
  readonly #watching: Watching
  #state: 'open' | 'ending' | 'left' = 'open'

  constructor(options: HostFillsOptions) {
    this.#options = options
    this.#watching = new Watching({
      fills: options.ground.fills,
      say: this.#say,
      bodies: options.bodies,
      recheckMs: options.recheckMs ?? recheckMs,
    })
  }

  /** Whose turn it is to fetch `key`. `revision`: of the site; `fence`: the number of the last purge. */
  claim(key: string, revision: string, fence = 0): Turn {
    if (this.#state !== 'open') return { kind: 'alone' }
    const { fills, owner } = this.#options.ground
    const claimed = fills.claim(keyHash(key, revision), fence)
    if (claimed.kind === 'lead') {
      const { fill } = claimed
      this.#led.set(idOf(fill), newLed(fill))
      return { kind: 'lead', fill }
    }
    const isOthers = claimed.kind === 'follow' && claimed.owner !== owner
    if (!isOthers) return { kind: 'alone' }
    const { fill } = claimed
    // One that is over by now is not followed, but looked for in the store.
    const view = fills.read(fill)
    return { kind: 'elsewhere', fill, fence: view?.fence ?? fence, agoMs: view?.agoMs ?? 0 }
  }

  /** Whether another worker waits for what we lead. */
  isAwaited(fill: FillRef): boolean {
    return (this.#led.get(idOf(fill))?.waiting.size ?? 0) > 0
  }

  /** Who waits for what we lead may read it while it comes. */
  offer(fill: FillRef, offer: Offer): void {
    const led = this.#led.get(idOf(fill))
    if (led === undefined) return
    led.offer = offer
    this.#publish(led)
  }

  /** What we led has brought something that others find in the store as soon as it is written. */
  settle(fill: FillRef): void {
    const led = this.#led.get(idOf(fill))
    if (led === undefined) return
    led.isSettled = true
    this.#hurryFor(led)
  }

  /**
   * What we led is over: the store has it, or nobody will; with `unsharedMs` nobody else can use it, and who asks within
   * that time asks alone. Only the first word on a fill counts.
   */
  end(fill: FillRef, unsharedMs?: number): void {
    const led = this.#led.get(idOf(fill))
    if (led === undefined || this.#state === 'left') return
    this.#led.delete(idOf(fill))
    led.publication?.end()
    const { fills } = this.#options.ground
    if (unsharedMs === undefined) fills.free(fill)
    else fills.release(fill, unsharedMs)
    for (const worker of led.waiting) this.#say(worker, fill, unsharedMs === undefined ? 'over' : 'unshared')
  }

  /** No other request joins this fill, ours or not. */
  retire(fill: FillRef): void {
    if (this.#state !== 'left') this.#options.ground.fills.retire(fill)
  }

  /** Until the fill of another worker is over, or its worker is gone. */
  watch(fill: FillRef, watcher: Watcher): void {
    this.#watching.watch(fill, watcher)
  }

  /** Somebody wants to read what is watched: `begun` follows when that can be. */
  want(fill: FillRef): void {
    this.#watching.want(fill)
  }

  /** A frame of the mesh. */
  heard(from: number, frame: Frame): void {
    if (frame.event === events.waits) this.#hearWaiting(from, frame, frame.value === 1)
    else this.#watching.heard(frame)
  }

  /** Looks at everything that is waited for: a worker is gone, or a wake-up may have been lost. */
  recheck(): void {
    this.#watching.recheck()
  }

  /** Nothing more is claimed or waited for; what was led may still end. */
  stop(): void {
    if (this.#state === 'open') this.#state = 'ending'
    this.#watching.stop()
  }

  /** What was not ended is left to the others. */
  async leave(): Promise<void> {
    if (this.#state === 'left') return
    this.stop()
    this.#state = 'left'
    for (const { publication } of this.#led.values()) publication?.end()
    await this.#options.leave()
  }

  #hearWaiting(from: number, { slot, turn }: FillRef, isWanted: boolean): void {
    const led = this.#led.get(idOf({ slot, turn }))
    // It was over before it was heard that somebody waits.
    if (led === undefined) return this.#say(from, { slot, turn }, 'over')
    led.waiting.add(from)
    if (isWanted) {
      led.isWanted = true
      if (led.publication === undefined) this.#publish(led)
      else this.#say(from, led.fill, 'grew')
    }
    this.#hurryFor(led)
  }

  /** Who cannot read it while it comes can do nothing before it is stored. */
  #hurryFor({ waiting, isSettled, offer, publication }: Led): void {
    const isStoring = isSettled || offer?.fill.isWhole === true
    if (isStoring && waiting.size > 0 && publication?.isOpen !== true) this.#options.hurry?.()
  }

  /** As soon as there is something to read, and somebody who wants it. */
  #publish(led: Led): void {
    const { bodies, ground } = this.#options
    const { fill, offer, isWanted } = led
    if (offer === undefined || !isWanted || bodies === undefined) return
    led.publication = new Publication(offer, {
      create: head => bodies.logs.create(ground.owner, fill, head),
      publish: place => ground.fills.publish(fill, place),
      onGrow: () => {
        for (const worker of led.waiting) this.#say(worker, fill, 'grew')
      },
      onTrouble: bodies.onTrouble,
    })
    led.publication.begin()
  }

  readonly #say: Say = (worker, { slot, turn }, event, value = 0) => {
    this.#options.mesh.send(worker, { slot, turn, event: events[event], value })
  }
}

function newLed(fill: FillRef): Led {
  return {
    fill,
    waiting: new Set(),
    isWanted: false,
    offer: undefined,
    isSettled: false,
    publication: undefined,
  }
}
