// Answers that are given again without the path: a plain hit is taught to the addon (native/replay.ts), which gives it to whoever
// asks the same while nothing that it hangs on has changed. What was given so is told now and then, and counted here.
import type { Lesson, PlacedLesson, ReplayMemory } from '../../native/index.js'
import type { ResponseEntry } from '../cache/entry.js'
import type { HotEntry } from '../cache/hot.js'
import type { Reads } from '../cache/reads.js'
import type { Edge } from '../edge.js'
import type { Exchange } from '../exchange.js'
import { notModifiedTail } from '../respond/assemble.js'
import { rawWriterOf } from '../usage/logger.js'
import { hourOf } from '../usage/usage-file.js'
import { ReplayFiles } from './files.js'
import { ReplayLines } from './lines.js'
import { Places } from './places.js'
import { absentOf, isReplayable } from './replayable.js'
import { Taught } from './taught.js'

/** From here on the kernel sends it out of its segment for less than it costs to copy it. */
const placedBytesMin = 64 * 1024
const nothing = Buffer.alloc(0)
const okLine = Buffer.from('HTTP/1.1 200 OK\r\n')
const notModifiedLine = Buffer.from('HTTP/1.1 304 Not Modified\r\n')
const colon = Buffer.from(': ')

/** What is told of one answer: two words. */
const toldWords = 2
/** So many at once, as each is somewhere else in memory. */
const toldMax = 256
const roundsMax = 8
const tellEveryMs = 50
/** What the index was asked about longer ago than this is asked again (cache/lmdb.ts). */
const trustedMs = 10 * 60_000

export class Replay {
  readonly #memory: ReplayMemory
  readonly #taught = new Taught()
  readonly #places: Places
  #lines: ReplayLines | undefined
  #files: ReplayFiles | undefined
  #wasSending = false
  readonly #answersMax: number
  #afterAge: Buffer = nothing
  readonly #told = new Uint32Array(toldWords * toldMax)
  #timer: NodeJS.Timeout | undefined
  #edge: Edge | undefined

  /** `answersMax`: of the memory. */
  constructor(memory: ReplayMemory, answersMax: number) {
    this.#memory = memory
    this.#answersMax = answersMax
    this.#places = new Places(memory)
  }

  /** Of a request that the engine hands over at this moment; 0: it can be neither taught nor released. */
  get token(): number {
    return this.#memory.token
  }

  /** See native/replay.ts. */
  release(token: number): void {
    this.#memory.release(token)
  }

  /** `addressOf`: its client's. */
  opened(response: object, isSecure: boolean, addressOf: () => string): void {
    this.#memory.opened(response, this.#lines?.clientPart(addressOf()) ?? '', isSecure)
  }

  closed(response: object): void {
    this.#memory.closed(response)
  }

  get isSending(): boolean {
    return this.#memory.sending() > 0
  }

  /** Before the first connection. */
  begin(edge: Edge): void {
    this.#edge = edge
    const { accessLog, log, config } = edge
    if (accessLog !== undefined)
      this.#lines = new ReplayLines(this.#memory, accessLog, {
        write: rawWriterOf(log),
        waitingBytesMax: config.log.bufferBytesMax,
      })
    if (edge.store.hot !== undefined)
      edge.store.hot.onLeave = held => {
        for (const id of this.#taught.answersOf(held)) this.#memory.forget(id)
      }
    this.#afterAge = Buffer.from(`\r\nCache-Status: ${edge.hitPrefix}`, 'latin1')
    const { bodies } = edge.store
    if (bodies !== undefined) this.#files = new ReplayFiles(this.#memory, bodies)
    this.#timer = setInterval(() => this.tell(), tellEveryMs).unref()
    this.turn()
  }

  /** Whether anything may be given without the path. */
  turn(): void {
    const edge = this.#edge
    if (edge === undefined) return
    this.#memory.turn(edge.tap === undefined && !edge.isDraining)
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
    this.#files?.end()
    this.#edge = undefined
  }

  /** `x` is a plain hit of `entry`: the next one need not come here. */
  learn(edge: Edge, x: Exchange, entry: ResponseEntry, token: number): void {
    const { reads } = edge.store
    const { upgradeAfter } = edge.config.optimise
    if (reads === undefined || !reads.isWhole || !this.#isWorthIt(edge, reads)) return
    if (!isReplayable(x, entry, upgradeAfter)) return
    const read = heldOf(edge)
    const hot = read.find(held => held.entry === entry)
    const lesson = hot && this.#lessonOf(edge, x, entry, read)
    const id = lesson === undefined ? -1 : this.#memory.teach(token, lesson)
    if (id < 0) return
    const left = this.#taught.add(id, hot!, read)
    if (left !== undefined) this.#memory.forget(left)
  }

  /** While there is room for it; then only what is hit a second time, as most of a large catalogue is not, and others leave for it. */
  #isWorthIt({ store }: Edge, { keys }: Reads): boolean {
    if (this.#taught.count < this.#answersMax) return true
    const held = store.hot?.get(keys[0]!)
    if (held === undefined || held.wasHit) return held !== undefined
    held.wasHit = true
    return false
  }

  /** Undefined when something that it hangs on, or where it is counted, cannot be said. */
  #lessonOf(edge: Edge, x: Exchange, entry: ResponseEntry, read: readonly HotEntry[]): Lesson | undefined {
    const places = this.#places
    const watched = places.watchedBy(edge, x)
    const tally = places.tallyOf(edge, x)
    const absent = absentOf(x, read)
    if (watched === undefined || tally === 'unknown' || absent === undefined) return undefined
    // The kernel encrypts nothing.
    const isNotModified = x.status === 304
    const placed = isNotModified || x.scheme === 'https' ? undefined : this.#placedOf(entry)
    if (!isNotModified && placed === undefined && !entry.isAtHand) return undefined
    const { bornAtMs, freshUntilMs, storedAtMs } = entry
    const { checkedMs } = edge.store.reads!
    // Use is counted by the hour.
    const countedUntilMs = tally === undefined ? freshUntilMs : nextHourMs(x)
    return {
      isNotModified,
      fromMs: Math.max(storedAtMs, checkedMs),
      untilMs: Math.min(freshUntilMs, checkedMs + trustedMs, countedUntilMs),
      bornAtMs,
      freshUntilMs,
      placed,
      watched,
      tally,
      absent,
      body: isNotModified || placed !== undefined ? nothing : entry.body,
      formTally: isNotModified ? undefined : places.formTallyOf(edge, x, entry),
      beforeAge: isNotModified ? notModifiedHead(edge, entry) : Buffer.concat([okLine, entry.block, colon]),
      afterAge: this.#afterAge,
      line: this.#lines?.answerPart(x) ?? nothing,
    }
  }

  /** Undefined: it is short, or cannot be sent out of a segment at the moment. */
  #placedOf({ place, bodyBytes }: ResponseEntry): PlacedLesson | undefined {
    return place === undefined || bodyBytes < placedBytesMin ? undefined : this.#files?.placed(place)
  }

  /** Counts what was given since the last time, and says of some of it that it was used. */
  tell(): void {
    this.count()
    const told = this.#told
    for (let round = 0; round < roundsMax; round += 1) {
      const count = this.#memory.tell(told)
      let over = 0
      for (let at = 0; at < count * toldWords; at += toldWords) {
        over += told[at + 1]!
        this.#use(told[at]!, told[at + 1] === 1)
      }
      // What was used can wait; what has left takes memory.
      if (count < toldMax || over === 0) break
    }
    this.#files?.sweep()
    this.#noteIdle()
  }

  /** Who drains waits for the last of what was being sent. */
  #noteIdle(): void {
    const { isSending } = this
    if (this.#wasSending && !isSending && this.#edge?.isDraining) this.#edge.onIdle?.()
    this.#wasSending = isSending
  }

  /** So that nothing of what was given is missing in the counters and the log. */
  count(): void {
    const edge = this.#edge
    if (edge === undefined) return
    const { hits, notModified, bodyBytes, aborted } = this.#memory.takeCounts()
    const { counters } = edge
    counters.requests += hits
    counters.statusClasses[2]! += hits - notModified
    counters.statusClasses[3]! += notModified
    counters.results.hit += hits
    counters.bytesOut += bodyBytes
    counters.clientAborts += aborted
    this.#lines?.take()
  }

  #use(id: number, isOver: boolean): void {
    const store = this.#edge?.store
    for (const held of isOver ? this.#taught.remove(id) : this.#taught.readFor(id)) store?.used?.(held)
  }
}

/** Up to the number of Age. */
function notModifiedHead({ config }: Edge, { block, notModifiedBytes }: ResponseEntry): Buffer {
  const tail = Buffer.from(`: ${notModifiedTail(config.cdnId, '')}`, 'latin1')
  return Buffer.concat([notModifiedLine, block.subarray(0, notModifiedBytes), tail])
}

function nextHourMs({ nowMs }: Exchange): number {
  return (hourOf(nowMs) + 1) * 3_600_000
}

function heldOf({ store }: Edge): HotEntry[] {
  const { keys, count } = store.reads!
  return keys.slice(0, count).flatMap(key => store.hot?.get(key) ?? [])
}
