// The fills of other workers that this one waits for: hears how they go on, lets them be read while they come, and finds
// out when they are over though nobody said so.
import type { FillRef } from '../shared/claim.js'
import type { Fills } from '../shared/fills.js'
import type { Frame } from '../shared/frames.js'
import type { BodyTravel, Outcome, Say, Watcher } from './host-fill.js'
import { events, idOf } from './host-fill.js'
import { RemoteFill } from './remote-fill.js'

export interface WatchingOptions {
  fills: Fills
  say: Say
  bodies: BodyTravel | undefined
  /** How often what is waited for is looked at though nobody woke us. */
  recheckMs: number
}

interface Watched {
  readonly fill: FillRef
  /** Who was told that we wait; 0 while nobody was. */
  owner: number
  /** Somebody here wants to read it. */
  isWanted: boolean
  body: RemoteFill | undefined
  readonly watchers: Watcher[]
}

export class Watching {
  readonly #options: WatchingOptions
  readonly #watched = new Map<number, Watched>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: WatchingOptions) {
    this.#options = options
  }

  watch(fill: FillRef, watcher: Watcher): void {
    if (this.#isStopped) return
    const watched = this.#watched.get(idOf(fill)) ?? newWatched(fill)
    watched.watchers.push(watcher)
    this.#watched.set(idOf(fill), watched)
    this.#timer ??= setInterval(() => this.recheck(), this.#options.recheckMs).unref()
    // As after a reload: those who came before read it already.
    if (watched.body !== undefined) this.#tell([watcher], begunWith(watched.body))
    this.#check(watched)
  }

  want(fill: FillRef): void {
    const watched = this.#watched.get(idOf(fill))
    if (watched === undefined || watched.isWanted) return
    watched.isWanted = true
    // Whoever leads it hears that too.
    watched.owner = 0
    this.#check(watched)
  }

  /** Who leads a fill says this of it. */
  heard({ slot, turn, event }: Frame): void {
    const watched = this.#watched.get(idOf({ slot, turn }))
    if (watched === undefined) return
    if (event === events.unshared) this.#over(watched, 'unshared')
    else if (event === events.over || event === events.grew) this.#check(watched)
  }

  recheck(): void {
    for (const watched of [...this.#watched.values()]) this.#check(watched)
  }

  /** Nobody is told anything any more; who reads along is cut. */
  stop(): void {
    this.#isStopped = true
    clearInterval(this.#timer)
    for (const { body } of this.#watched.values()) body?.over()
    this.#watched.clear()
  }

  #check(watched: Watched): void {
    const view = this.#options.fills.read(watched.fill)
    if (view === undefined || view.isOrphaned) return this.#over(watched, 'over')
    if (view.state === 'unshared') return this.#over(watched, 'unshared')
    // Its leader is gone, and another has begun anew: what was read so far goes no further.
    if (watched.body !== undefined && view.owner !== watched.owner) return this.#over(watched, 'over')
    if (watched.body !== undefined) watched.body.wake()
    else if (view.state === 'filling' && watched.isWanted) this.#open(watched, view.owner)
    if (view.owner === watched.owner) return
    watched.owner = view.owner
    this.#options.say(view.owner, watched.fill, 'waits', watched.isWanted ? 1 : 0)
  }

  #open(watched: Watched, owner: number): void {
    const { bodies } = this.#options
    const log = bodies?.logs.open(owner, watched.fill)
    if (bodies === undefined || log === undefined) return
    const body = new RemoteFill(log, bodies.stored)
    // They wait until it is stored.
    if (!body.isReadable) return body.over()
    watched.body = body
    this.#tell(watched.watchers, begunWith(body))
  }

  #over(watched: Watched, outcome: Outcome): void {
    this.#watched.delete(idOf(watched.fill))
    if (this.#watched.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    this.#tell(watched.watchers, watcher => watcher.over(outcome))
    setImmediate(() => watched.body?.over())
  }

  /** Later, as who has just begun to watch is not ready for it. */
  #tell(watchers: readonly Watcher[], tell: (watcher: Watcher) => void): void {
    setImmediate(() => {
      for (const watcher of watchers) if (!this.#isStopped) tell(watcher)
    })
  }
}

/** If it broke meanwhile they go on waiting, as nobody has been sent anything yet. */
function begunWith(body: RemoteFill): (watcher: Watcher) => void {
  return watcher => (body.isReadable ? watcher.begun(body) : undefined)
}

function newWatched(fill: FillRef): Watched {
  return { fill, owner: 0, isWanted: false, body: undefined, watchers: [] }
}
