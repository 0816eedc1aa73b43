// Answers that are given again without the path: a plain hit is taught to the addon (native/replay.ts), which gives it to whoever
// asks the same while nothing that it hangs on has changed. What was given so is told now and then, and counted here.
import { usageFields } from '../../config/usage-fields.js'
import type { FormTally, ReplayMemory, Tally, Watched } from '../../native/index.js'
import type { ResponseEntry } from '../cache/entry.js'
import type { HotEntry } from '../cache/hot.js'
import type { Edge } from '../edge.js'
import type { Exchange } from '../exchange.js'
import { hourOf } from '../usage/usage-file.js'
import { isReplayable } from './replayable.js'

/** What is told of one answer: two words. */
const toldWords = 2
/** So many at once, as each is somewhere else in memory. */
const toldMax = 256
const roundsMax = 8
const tellEveryMs = 50
/** Answers of one response, one for each way to ask for it: the oldest leave. Of what others may write each is another way. */
const waysMax = 16
/** What the index was asked about longer ago than this is asked again (cache/lmdb.ts). */
const trustedMs = 10 * 60_000

/** What was read for an answer: first what it is itself. Of most it is that alone, and not in a list, as there are many. */
type Taught = HotEntry | readonly [HotEntry, ...HotEntry[]]

/** Where the columns of a site's row are. */
const column = Object.fromEntries(usageFields.map((name, index) => [name, index])) as Record<
  (typeof usageFields)[number],
  number
>

export class Replay {
  readonly #memory: ReplayMemory
  /** By id. */
  readonly #taught: (Taught | undefined)[] = []
  /** What `watch` and `meter` said of memory. */
  readonly #memories = new Map<Int32Array | Float64Array, number>()
  #wasSending = false
  readonly #told = new Uint32Array(toldWords * toldMax)
  #timer: NodeJS.Timeout | undefined
  #edge: Edge | undefined

  constructor(memory: ReplayMemory) {
    this.#memory = memory
  }

  /** Of the engine's front: see native/replay.ts. */
  get memory(): ReplayMemory {
    return this.#memory
  }

  get isSending(): boolean {
    return this.#memory.sending() > 0
  }

  begin(edge: Edge): void {
    this.#edge = edge
    if (edge.store.hot !== undefined)
      edge.store.hot.onLeave = held => {
        for (const id of this.#answersOf(held)) this.#memory.forget(id)
      }
    this.#timer = setInterval(() => this.tell(), tellEveryMs).unref()
    this.turn()
  }

  /** Whether anything may be given without the path. */
  turn(): void {
    const edge = this.#edge
    if (edge === undefined) return
    this.#memory.turn(edge.accessLog === undefined && edge.tap === undefined && !edge.isDraining)
  }

  /** The rules are others from now on. */
  clear(): void {
    this.#memory.clear()
    this.tell()
  }

  /** Before what is watched, or counted in, goes. */
  end(): void {
    clearInterval(this.#timer)
    this.tell()
    this.#memory.end()
    this.tell()
    this.#edge = undefined
  }

  /** `x` was a plain hit of `entry` and is over: the next one need not come here. */
  learn(edge: Edge, x: Exchange, entry: ResponseEntry, token: number): void {
    const { reads } = edge.store
    const { upgradeAfter } = edge.config.optimise
    if (reads === undefined || !reads.isWhole || !isReplayable(x, entry, upgradeAfter)) return
    const read = heldOf(edge)
    const hot = read.find(held => held.entry === entry)
    const watched = this.#watchedBy(edge, x)
    const tally = this.#tallyOf(edge, x)
    if (hot === undefined || watched === undefined || tally === 'unknown') return
    const { block, body, bornAtMs, freshUntilMs, storedAtMs } = entry
    const id = this.#memory.teach(token, {
      fromMs: Math.max(storedAtMs, reads.checkedMs),
      // Use is counted by the hour.
      untilMs: Math.min(
        freshUntilMs,
        reads.checkedMs + trustedMs,
        tally === undefined ? freshUntilMs : nextHourMs(x),
      ),
      ...{ bornAtMs, freshUntilMs, watched, tally, formTally: this.#formTallyOf(edge, x, entry), body },
      beforeAge: Buffer.concat([statusLine, block, colon]),
      afterAge: Buffer.from(`\r\nCache-Status: ${edge.hitPrefix}`, 'latin1'),
    })
    if (id >= 0) this.#note(id, hot, read)
  }

  #note(id: number, held: HotEntry, read: readonly HotEntry[]): void {
    this.#taught[id] = read.length === 1 ? held : [held, ...read.filter(other => other !== held)]
    const others = this.#answersOf(held)
    if (others.length >= waysMax) this.#memory.forget(others.shift()!)
    if (others.length === 0) held.answers = id
    else held.answers = [...others, id]
  }

  /** Ids are given again. */
  #answersOf(held: HotEntry): number[] {
    const { answers } = held
    if (answers === undefined) return []
    const ids = typeof answers === 'number' ? [answers] : answers
    return ids.filter(id => firstOf(this.#taught[id]) === held)
  }

  #watchedBy({ store, admission }: Edge, x: Exchange): Watched[] | undefined {
    const { reads, changes } = store
    const { purges, invalidations } = admission
    if (reads === undefined || changes === undefined || purges === undefined) return undefined
    const watched: Watched[] = []
    const counters = this.#memoryOf(changes.counters)
    for (let at = 0; at < reads.count; at += 1)
      watched.push({ memory: counters, at: reads.slots[at]!, value: reads.generations[at]! | 0 })
    const [header, epochAt] = changes.epochPlace()
    watched.push({ memory: this.#memoryOf(header), at: epochAt, value: reads.epoch })
    const purged = purges.watched
    if (purged !== undefined)
      watched.push({ memory: this.#memoryOf(purged.words), at: purged.at, value: purged.value })
    if (invalidations !== undefined) {
      const at = invalidations.slotOf(x.key)
      watched.push({ memory: this.#memoryOf(invalidations.counters), at, value: invalidations.counters[at]! })
    }
    return watched
  }

  /** `unknown`: it is counted, but nobody knows where. */
  #tallyOf({ meter }: Edge, { site, nowMs }: Exchange): Tally | undefined | 'unknown' {
    if (meter === undefined) return undefined
    const { cells, hour, at } = site!.place
    if (hour !== hourOf(nowMs)) return 'unknown'
    return {
      cells: this.#cellsOf(cells),
      requests: at + column.requests,
      bytesOut: at + column.bytesOut,
      status: at + column.status2xx,
      hits: at + column.hit,
      bytesSaved: at + column.bytesSaved,
      aborted: at + column.aborted,
    }
  }

  #formTallyOf({ forms }: Edge, { site }: Exchange, entry: ResponseEntry): FormTally | undefined {
    const { form, ofBytes, bodyBytes } = entry
    if (form === '') return undefined
    return {
      cells: this.#cellsOf(forms.saved.cellsOf(site!.name, form)),
      at: 0,
      bytesShorter: ofBytes - bodyBytes,
    }
  }

  #memoryOf(words: Int32Array): number {
    const known = this.#memories.get(words)
    if (known !== undefined) return known
    const made = this.#memory.watch(words)
    this.#memories.set(words, made)
    return made
  }

  #cellsOf(cells: Float64Array): number {
    const known = this.#memories.get(cells)
    if (known !== undefined) return known
    const made = this.#memory.meter(cells)
    this.#memories.set(cells, made)
    return made
  }

  /** Counts what was given since the last time, and says of some of it that it was used. */
  tell(): void {
    this.count()
    const told = this.#told
    for (let round = 0, count = toldMax; round < roundsMax && count === toldMax; round += 1) {
      count = this.#memory.tell(told)
      for (let at = 0; at < count * toldWords; at += toldWords) this.#use(told[at]!, told[at + 1] === 1)
    }
    this.#noteIdle()
  }

  /** Who drains waits for the last of what was being sent. */
  #noteIdle(): void {
    const { isSending } = this
    if (this.#wasSending && !isSending && this.#edge?.isDraining) this.#edge.onIdle?.()
    this.#wasSending = isSending
  }

  count(): void {
    const edge = this.#edge
    if (edge === undefined) return
    const { hits, bodyBytes, aborted } = this.#memory.takeCounts()
    const { counters } = edge
    counters.requests += hits
    counters.statusClasses[2]! += hits
    counters.results.hit += hits
    counters.bytesOut += bodyBytes
    counters.clientAborts += aborted
  }

  #use(id: number, isOver: boolean): void {
    const taught = this.#taught[id]
    if (isOver) this.#taught[id] = undefined
    const store = this.#edge?.store
    if (taught === undefined || store === undefined) return
    if (!isList(taught)) store.used?.(taught)
    else for (const held of taught) store.used?.(held)
  }
}

function isList(taught: Taught): taught is readonly [HotEntry, ...HotEntry[]] {
  return Array.isArray(taught)
}

function firstOf(taught: Taught | undefined): HotEntry | undefined {
  return taught !== undefined && isList(taught) ? taught[0] : taught
}

function nextHourMs({ nowMs }: Exchange): number {
  return (hourOf(nowMs) + 1) * 3_600_000
}

function heldOf({ store }: Edge): HotEntry[] {
  const { keys, count } = store.reads!
  return keys.slice(0, count).flatMap(key => store.hot?.get(key) ?? [])
}

const statusLine = Buffer.from('HTTP/1.1 200 OK\r\n')
const colon = Buffer.from(': ')
