// Reads sockets past their streams, all that something has come for in one call: source/engine/gather.h.
import { type EngineAddon, loadEngineAddon } from './engine-addon.js'

export interface GatherUser {
  /** A view that is valid during the call only. */
  onBytes(bytes: Buffer): void
  /** The last event. `error`: a negated error number, 0 when the other side has ended it. */
  onBytesEnd(error: number): void
}

/** One socket that is read so. */
export interface Gathered {
  /** No further event until `goOn`. */
  stop(): void
  goOn(): void
  /** No event has more bytes than this, from the next on. */
  limit(bytesMax: number): void
  /** Moves bytes that are there, at most so many, on to the client of an answer of the engine, without a copy. */
  passOn(response: object, bytesMax: number): PassedOn
  /** No further event at all. Before the socket is destroyed: until then it stays open. */
  leave(): void
}

/** What became of them. */
export interface PassedOn {
  /** So many have gone there. */
  bytes: number
  /** Those behind them, which the client did not take: a view that is valid until the next call. Mostly undefined. */
  rest: Buffer | undefined
  /** A negated error number of what broke the socket, else 0. */
  error: number
}

const wordsOfRecord = 3
const recordsMax = 256
/** Other sockets have their turn after so many bytes. */
const passedBytesMax = 1_048_576

class Gatherer {
  readonly #addon: EngineAddon
  readonly #bytes = Buffer.allocUnsafeSlow(131_072)
  readonly #words = new Int32Array(wordsOfRecord * recordsMax + 2)
  readonly #rest = Buffer.allocUnsafeSlow(131_072)
  /** By slot. */
  readonly #users: (GatherUser | undefined)[] = []
  readonly #isMine: boolean

  constructor(addon: EngineAddon) {
    this.#addon = addon
    const [bytes, words, rest] = [this.#bytes, this.#words, this.#rest].map(
      ({ buffer }) => buffer as ArrayBuffer,
    )
    this.#isMine = addon.gatherInto(bytes!, words!, rest!, records => this.#deliver(records))
  }

  add(fd: number, user: GatherUser): Gathered | undefined {
    const addon = this.#addon
    const slot = this.#isMine ? addon.gatherFrom(fd) : -1
    if (slot < 0) return undefined
    this.#users[slot] = user
    return new GatheredSocket(addon, slot, this)
  }

  left(slot: number): void {
    this.#users[slot] = undefined
  }

  passed(bytes: number): PassedOn {
    const left = this.#words[wordsOfRecord * recordsMax]!
    const error = -this.#words[wordsOfRecord * recordsMax + 1]!
    return { bytes, rest: left === 0 ? undefined : this.#rest.subarray(0, left), error }
  }

  #deliver(records: number): void {
    const words = this.#words
    for (let at = 0; at < records * wordsOfRecord; at += wordsOfRecord) {
      // That of one that was left meanwhile is -1.
      const user = this.#users[words[at]!]
      const length = words[at + 2]!
      if (user === undefined) continue
      if (length <= 0) user.onBytesEnd(length)
      else user.onBytes(this.#bytes.subarray(words[at + 1]!, words[at + 1]! + length))
    }
  }
}

class GatheredSocket implements Gathered {
  readonly #addon: EngineAddon
  readonly #gatherer: Gatherer
  /** -1 when it is another's. */
  #slot: number

  constructor(addon: EngineAddon, slot: number, gatherer: Gatherer) {
    this.#addon = addon
    this.#slot = slot
    this.#gatherer = gatherer
  }

  stop(): void {
    this.#addon.stopGathering(this.#slot)
  }

  goOn(): void {
    this.#addon.goOnGathering(this.#slot)
  }

  limit(bytesMax: number): void {
    this.#addon.limitGathered(this.#slot, bytesMax)
  }

  passOn(response: object, bytesMax: number): PassedOn {
    return this.#gatherer.passed(this.#addon.passOn(this.#slot, response, Math.min(bytesMax, passedBytesMax)))
  }

  leave(): void {
    if (this.#slot < 0) return
    this.#gatherer.left(this.#slot)
    this.#addon.leaveGathered(this.#slot)
    this.#slot = -1
  }
}

let gatherer: Gatherer | undefined

/**
 * Hands on what comes over a connected socket, by its descriptor, once for each turn of the loop. Its stream must not read
 * meanwhile. Undefined where that is not possible: without the addon, or without a free descriptor, of which it takes one
 * more.
 */
export function gather(fd: number, user: GatherUser): Gathered | undefined {
  gatherer ??= makeGatherer()
  return gatherer?.add(fd, user)
}

function makeGatherer(): Gatherer | undefined {
  const addon = loadEngineAddon()
  return addon && new Gatherer(addon)
}
