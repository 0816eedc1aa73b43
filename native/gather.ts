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
  /** No further event at all. Before the socket is destroyed: until then it stays open. */
  leave(): void
}

const wordsOfRecord = 3
const recordsMax = 256

class Gatherer {
  readonly #addon: EngineAddon
  readonly #bytes = Buffer.allocUnsafeSlow(131_072)
  readonly #words = new Int32Array(wordsOfRecord * recordsMax)
  /** By slot. */
  readonly #users: (GatherUser | undefined)[] = []
  readonly #isMine: boolean

  constructor(addon: EngineAddon) {
    this.#addon = addon
    const [bytes, words] = [this.#bytes.buffer, this.#words.buffer] as ArrayBuffer[]
    this.#isMine = addon.gatherInto(bytes!, words!, records => this.#deliver(records))
  }

  add(fd: number, user: GatherUser): Gathered | undefined {
    const addon = this.#addon
    const slot = this.#isMine ? addon.gatherFrom(fd) : -1
    if (slot < 0) return undefined
    this.#users[slot] = user
    return new GatheredSocket(addon, slot, () => {
      this.#users[slot] = undefined
    })
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
  readonly #onLeft: () => void
  /** -1 when it is another's. */
  #slot: number

  constructor(addon: EngineAddon, slot: number, onLeft: () => void) {
    this.#addon = addon
    this.#slot = slot
    this.#onLeft = onLeft
  }

  stop(): void {
    this.#addon.stopGathering(this.#slot)
  }

  goOn(): void {
    this.#addon.goOnGathering(this.#slot)
  }

  leave(): void {
    if (this.#slot < 0) return
    this.#onLeft()
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
